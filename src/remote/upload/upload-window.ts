/** Bytes of a blob from some offset on, some of which are at hand: what a chunked upload sends from. */
export interface UploadWindow {
  /** The bytes that are at hand, from the first that has not been let go. Good until the next `fill`. */
  readonly held: Uint8Array<ArrayBuffer>;
  /** Has so many bytes at hand, or all that are left. @throws if they can't be had */
  fill(length: number): Promise<void>;
  /** Lets so many bytes go: the registry has them. */
  letGo(length: number): void;
}
