import type { Repository } from "../../name/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import { ping } from "../auth/ping.js";
import { OperationAbortedError, unlessAborted } from "../transport/abort.js";
import { Transport, type TransportOptions } from "../transport/transport.js";
import { Blobs } from "../upload/blobs.js";
import { ProgressReport, type UploadProgressListener } from "../upload/progress.js";

/** How a layer is written to a registry. */
export interface WriteLayerOptions extends TransportOptions {
  /** Aborting it gives the writing up, at whatever stage. */
  readonly signal?: AbortSignal | undefined;
  /** Told how far the writing has come. */
  readonly onProgress?: UploadProgressListener | undefined;
}

/**
 * Writes one layer to a repository, as a blob, without a manifest. The layer is read once, as fast as the registry takes it, and is never
 * held whole.
 *
 * A layer that knows its digest is not sent if the repository has it. A streaming layer, whose `digest()` rejects with
 * `NotComputedError`, is sent unseen, and its digest is taken when it has been read to its end.
 *
 * If that fails once the layer has been opened, the layer is ended with the failure as the reason, and the registry is asked to
 * forget the upload, for two seconds at most; the failure that is thrown is the first one. Before that the layer is left as it was,
 * and can be written again.
 *
 * @returns the layer's media type, size and digest
 * @throws {RegistryError} if the registry refuses a request; `code` is `ERR_VARVE_UNAUTHORIZED` if it wants credentials
 * @throws {NetworkError} if the registry cannot be reached, or the connection breaks
 * @throws {ProtocolError | UnsafeLocationError} if the registry answers in a way that cannot or must not be followed
 * @throws {LayerReadError} if the layer cannot be read on; what varve's own layers throw is thrown as it is
 * @throws {OperationAbortedError} if the signal was aborted; its reason is the `cause`
 */
export async function writeLayer(
  repository: Repository,
  layer: Layer,
  options: WriteLayerOptions = {},
): Promise<Descriptor> {
  const { signal } = options;
  try {
    signal?.throwIfAborted();
    return await write(repository, layer, options);
  } catch (failure) {
    if (signal?.aborted === true && failure === signal.reason) {
      throw new OperationAbortedError(`writing a layer to ${repository}`, failure);
    }
    throw failure;
  }
}

async function write(repository: Repository, layer: Layer, options: WriteLayerOptions): Promise<Descriptor> {
  const { signal } = options;
  const known = await unlessAborted(signal, describeIfKnown(layer));
  const progress = new ProgressReport(options.onProgress, known);
  const transport = new Transport(options);
  const blobs = new Blobs(transport, await ping(repository.registry, transport, signal), repository, signal);
  if (known !== undefined) {
    progress.enter("checking");
    if (await blobs.has(known.digest)) {
      progress.enter("existing");
      return known;
    }
  }
  progress.enter("opening");
  const session = await blobs.open();
  let written: Descriptor;
  try {
    await session.send(layer, (bytes) => progress.send(bytes));
    progress.end();
    progress.enter("committing");
    written = known ?? (await unlessAborted(signal, describe(layer)));
    await blobs.commit(session, written.digest);
  } catch (failure) {
    await session.cancel();
    throw failure;
  }
  progress.enter("done");
  return written;
}

async function describe(layer: Layer): Promise<Descriptor> {
  const [mediaType, size, digest] = await Promise.all([layer.mediaType(), layer.size(), layer.digest()]);
  return { mediaType, size, digest };
}

/** A layer's descriptor, or undefined for a streaming layer, which will have one when it has been read. */
async function describeIfKnown(layer: Layer): Promise<Descriptor | undefined> {
  try {
    await layer.digest();
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === "ERR_VARVE_NOT_COMPUTED") {
      return undefined;
    }
    throw error;
  }
  return describe(layer);
}
