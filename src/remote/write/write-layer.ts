import type { Repository } from "../../name/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import { pusherOf, type WriteLayerOptions } from "./write-options.js";

/**
 * Writes one layer to a repository, as a blob, without a manifest. The layer is read once, as fast as the registry takes it, and is never
 * held whole.
 *
 * A layer that knows its digest is not sent if the repository has it; if it is sent and that fails for a reason that passes, it is sent again.
 * A streaming layer, whose `digest()` rejects with `NotComputedError`, is sent unseen, and its digest is taken when it has been read to its
 * end; it is sent once, but for chunks that are kept until the registry has them.
 *
 * If that fails once the layer has been opened, the layer is ended with the failure as the reason, and the registry is asked to
 * forget the upload, for two seconds at most, in which a request that is given up comes to its end first, where it can; the failure that is
 * thrown is the first one. Before that the layer is left as it was, and can be written again.
 *
 * With `resumable`, the layer is sent in chunks, and after each of them what it takes to go on is saved. After a failure, an abortion, or the
 * end of the process, the upload stays open, and the same call, with the source given again, goes on where it ended, after the registry has
 * been asked what it has; the digest is that of an uninterrupted push. It needs a layer of `varve/stream` that gives checkpoints, or one
 * that knows its digest and can be read again. What was saved is removed when the layer is written, and by `forgetPush`.
 *
 * @returns the layer's media type, size and digest
 * @throws {RegistryError} if the registry refuses a request; `code` is `ERR_VARVE_UNAUTHORIZED` if it wants credentials
 * @throws {NetworkError} if the registry cannot be reached, or the connection breaks
 * @throws {ProtocolError | UnsafeLocationError} if the registry answers in a way that cannot or must not be followed
 * @throws {LayerReadError} if the layer cannot be read on; what varve's own layers throw is thrown as it is
 * @throws {UnsupportedError} if `resumable` can't be had with this layer or registry; at once
 * @throws {SourceChangedError} if the source that is given again is another; nothing more was sent
 * @throws {ResumeError} if what was saved can't be gone on with
 * @throws {PushUnderWayError} if another push uses the same key
 * @throws {PushStoreError} if the store fails
 * @throws {OperationAbortedError} if the signal was aborted; its reason is the `cause`
 */
export async function writeLayer(
  repository: Repository,
  layer: Layer,
  options: WriteLayerOptions = {},
): Promise<Descriptor> {
  return pusherOf(options).upload(repository, layer, options);
}
