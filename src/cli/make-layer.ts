import { newLayer, type StreamLayer, type StreamLayerOptions } from "../stream/index.js";
import type { Input } from "./input.js";
import { ProgressLine } from "./progress-line.js";

/** What `--json` prints of every layer; sizes in bytes. */
export interface LayerReport {
  readonly mediaType: string;
  readonly digest: string;
  readonly diffID: string;
  readonly size: number;
  readonly uncompressedSize: number;
  /** How many threads compressed. */
  readonly threads: number;
  /** From the start to the confirmation of the disk or the registry. */
  readonly seconds: number;
}

/**
 * Makes a layer of an input, with progress on the terminal, and lets go of both in the end.
 *
 * @param consume reads the layer to its end
 * @throws {InputError} if the input could not be read; what `consume` throws otherwise
 */
export async function makeLayer(
  input: Input,
  options: StreamLayerOptions,
  consume: (layer: StreamLayer) => Promise<unknown>,
): Promise<LayerReport> {
  const { source, expectedSize } = input;
  const progress = new ProgressLine(process.stderr, process.env);
  const layer = newLayer(source, {
    ...options,
    ...(expectedSize === undefined ? {} : { expectedSize }),
    onProgress: (state) => progress.update(state),
  });
  const began = performance.now();
  try {
    await consume(layer);
    progress.finish();
    return await reportOf(layer, performance.now() - began);
  } catch (error) {
    progress.clear();
    throw input.explain(error);
  } finally {
    await layer.close();
    // Reading has ended: a failure to close takes nothing away, and must not hide how it ended.
    await input.close().catch(() => undefined);
  }
}

async function reportOf(layer: StreamLayer, milliseconds: number): Promise<LayerReport> {
  const { digest, diffID, size, uncompressedSize, threads } = await layer.result;
  return {
    mediaType: await layer.mediaType(),
    digest: String(digest),
    diffID: String(diffID),
    size,
    uncompressedSize,
    threads,
    seconds: Math.round(milliseconds) / 1000,
  };
}
