/** What a call that may have to fetch or read something can be given. */
export interface CallOptions {
  /** Aborting it rejects the call; the rejection is the signal's reason, or has it as its cause. */
  readonly signal?: AbortSignal | undefined;
}
