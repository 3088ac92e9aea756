import { VarveError } from "../../core/error.js";
import { messageOf } from "../../core/message.js";
import { printable } from "../transport/printable.js";

/**
 * A layer could not be read to its end while it was being uploaded. `cause` is the failure itself. Its `code` is
 * `ERR_VARVE_LAYER_READ`.
 */
export class LayerReadError extends VarveError {
  override readonly name = "LayerReadError";

  /** @param sent compressed bytes that had been read before */
  constructor(sent: number, cause: unknown) {
    super(
      "ERR_VARVE_LAYER_READ",
      `the layer could not be read on after ${sent} compressed bytes (${printable(messageOf(cause), 256)}); nothing was written to the registry`,
      { cause },
    );
  }
}
