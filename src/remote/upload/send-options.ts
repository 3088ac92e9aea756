/** How a layer is sent. */
export interface SendOptions {
  /** Bytes that the layer has; undefined for a stream. */
  readonly size?: number | undefined;
  /** Told the number of bytes that have been handed to the runtime beside those before; what it throws fails the upload. */
  readonly onSent: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}
