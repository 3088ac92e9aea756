import { unlessAborted } from "../../bytes/index.js";
import type { Layer } from "../../v1/index.js";
import { LayerPieces } from "./layer-pieces.js";

/** One reading of a layer: it is opened once, when it is first to be sent, however often its sending is begun. */
export class LayerReading {
  readonly #layer: Layer;
  readonly #expected: number | undefined;
  #pieces: LayerPieces | undefined;

  /** @param expected bytes in all; undefined if that is not known */
  constructor(layer: Layer, expected?: number) {
    this.#layer = layer;
    this.#expected = expected;
  }

  /** Whether sending may begin anew: no byte of the layer has been handed on. */
  get untouched(): boolean {
    return this.#pieces?.untouched === true;
  }

  /**
   * The layer's bytes, from where they were last taken.
   *
   * @throws what the layer's `compressed` throws; the signal's reason, at once, when it is aborted
   */
  async open(signal: AbortSignal | undefined): Promise<LayerPieces> {
    if (this.#pieces === undefined) {
      const source = await unlessAborted(signal, this.#layer.compressed(signal && { signal }), (late) => {
        late.cancel(signal?.reason).catch(() => undefined);
      });
      this.#pieces = new LayerPieces(source, this.#expected);
    }
    return this.#pieces;
  }

  /** Ends the layer with the reason, if it was opened and has not ended; settles as the layer's own cancelling does. */
  async cancel(reason: unknown): Promise<void> {
    await this.#pieces?.cancel(reason);
  }
}
