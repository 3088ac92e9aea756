import { unlessAborted } from "../../bytes/index.js";
import type { Layer } from "../../v1/index.js";
import { ChunkWindow } from "./chunk-window.js";
import { type ChunkedOptions, ChunkedUpload } from "./chunked.js";
import type { UploadSession } from "./session.js";

/**
 * Opens a layer and sends it in chunks. If that fails, the layer is ended with the failure as the reason; the session's `cancel` waits for
 * that.
 *
 * @throws what {@link ChunkedUpload.run} throws
 */
export async function sendChunked(
  session: UploadSession,
  layer: Layer,
  options: ChunkedOptions & { readonly size?: number | undefined },
): Promise<void> {
  const { size, signal } = options;
  signal?.throwIfAborted();
  const source = await unlessAborted(signal, layer.compressed(signal && { signal }), (late) => {
    late.cancel(signal?.reason).catch(() => undefined);
  });
  const window = new ChunkWindow(source, size, signal);
  try {
    await new ChunkedUpload(session, window, options).run();
  } catch (failure) {
    session.endWith(window.cancel(failure));
    throw failure;
  }
}
