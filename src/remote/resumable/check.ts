import { resumableLayer } from "../../stream/index.js";
import { type Descriptor, type Layer, UnsupportedError } from "../../v1/index.js";
import { RemoteOptionError } from "../option-error.js";
import type { UploadOptions } from "../upload/options.js";
import { quirksOf, type RegistryQuirks } from "../upload/quirks.js";
import type { ResumableOptions } from "./options.js";

/**
 * Finds out, before anything is asked or read, whether a push can be made that another can go on with.
 *
 * @param known what the layer is; undefined for a stream
 * @param host of the registry
 * @throws {UnsupportedError} if layer or registry are not of that kind
 * @throws {ConsumedError} if the layer has been read
 * @throws {RemoteOptionError} if the options contradict each other
 */
export function checkResumable(
  layer: Layer,
  known: Descriptor | undefined,
  resumable: ResumableOptions,
  { upload = "chunked", quirks }: UploadOptions,
  host: string,
): void {
  if (upload !== "chunked") {
    throw new RemoteOptionError(
      `resumable was given together with upload: "${upload}", and a push can be resumed only if it is made in chunks: leave one of them out`,
    );
  }
  checkSourceOffset(resumable);
  checkQuirks(quirksOf(host, quirks));
  if (known === undefined) {
    requireCheckpoints(layer);
  }
}

/** @throws {UnsupportedError} @throws {ConsumedError} */
function requireCheckpoints(layer: Layer): void {
  const stream = resumableLayer(layer);
  if (stream === undefined) {
    throw new UnsupportedError(
      "a push of this layer can't be resumed: it does not know its digest yet, and gives no checkpoints; make it with newLayer of varve/stream, or read it to its end first",
    );
  }
  stream.requireCheckpoints();
}

/** @throws {UnsupportedError} */
function checkQuirks({ chunked, canAsk, trustRange }: RegistryQuirks): void {
  if (chunked === false) {
    throw new UnsupportedError(
      "a push to this registry can't be resumed: it takes a blob in one request only; leave out `resumable`",
    );
  }
  if (canAsk === false || trustRange === false) {
    throw new UnsupportedError(
      "a push to this registry can't be resumed: it does not tell, or not rightly, how much of an upload it has; leave out `resumable`",
    );
  }
}

/** @throws {RemoteOptionError} */
function checkSourceOffset({ sourceOffset = 0 }: ResumableOptions): void {
  if (!Number.isSafeInteger(sourceOffset) || sourceOffset < 0) {
    throw new RemoteOptionError(
      `resumable.sourceOffset is ${sourceOffset}: give the byte of the whole input with which the source begins`,
    );
  }
}
