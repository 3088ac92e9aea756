import { ChunkReader, opened, readableOf, verified } from "../../bytes/index.js";
import { type NewTarEntry, readTar, type TarEntry, writeTar } from "../../tar/index.js";
import type { CallOptions, Hash, Image, Layer, ReadOptions } from "../../v1/index.js";
import { unlessNotComputed } from "../../v1/unless-not-computed.js";
import type { ExtractLimits } from "./budget.js";
import { Flattening } from "./flatten.js";

export interface ExtractOptions extends ReadOptions, ExtractLimits {
  /** The most bytes that headers of an entry may take, PAX records and long names included. Default: 1 MiB. */
  readonly maxHeaderBytes?: number | undefined;
  /** The most zeros that are made for the sparse files of a layer, together, in bytes. Default: 64 GiB. */
  readonly maxSparseBytes?: number | undefined;
}

/**
 * The image's file system, flattened, as an uncompressed tar. Layers are read from the top down, one after the other, as the
 * stream's reader asks for more; each is read to its end and held to the diffID that the configuration has for it. What is
 * remembered is the names alone; `maxNames` and `maxNameUnits` bound it.
 *
 * Names are cleaned: `./a` and `/a` become `a`, and the root itself `.`. Whiteouts and what they hide are left out (OCI
 * image-spec, layer.md), and so are relative links, symbolic and hard, that lead out of the root; absolute ones are kept as
 * they are. Of several entries with one name, the first of the topmost layer stands. A hard link whose target is hidden by a
 * layer above becomes a file with the target's content; a layer with such links is read twice.
 *
 * Nothing is read before the stream is. It fails with
 * - {@link UnsafeTarPathError} if an entry's name leads out of the root, visible or not;
 * - {@link ExtractLimitError} if there is more to be remembered than the limits allow;
 * - a `TarError` if a layer is not a tar, is damaged or cut short, or has larger headers or sparse files than the limits allow;
 * - a `VerificationError` if a layer is not what its diffID says, which is known only at the layer's end;
 * - a `ReadAbortedError`, at once, when the signal is aborted;
 * - whatever the image and its layers fail with.
 *
 * Cancelling it closes the layer that is being read, at once.
 */
export function extract(image: Image, options: ExtractOptions = {}): ReadableStream<Uint8Array> {
  const controller = new AbortController();
  const tar = new ChunkReader(writeTar(entriesOf(image, options, controller.signal)));
  return readableOf(
    {
      next: () => tar.next(),
      close: async (reason) => {
        // An entry that is being waited for may never come otherwise.
        controller.abort(reason);
        await tar.close(reason);
      },
    },
    { signal: options.signal, what: "the image's file system" },
  );
}

async function* entriesOf(
  image: Image,
  { maxHeaderBytes, maxSparseBytes, ...limits }: ExtractOptions,
  signal: AbortSignal,
): AsyncGenerator<NewTarEntry> {
  const layers = await image.layers({ signal });
  const diffIDs = await diffIDsOf(image, { signal });
  const flattening = new Flattening(limits);
  for (let height = layers.length - 1; height >= 0; height--) {
    const diffID = diffIDs.length === layers.length ? diffIDs[height] : undefined;
    yield* flattening.layer(
      () => openLayer(layers[height]!, diffID, { signal, maxHeaderBytes, maxSparseBytes }),
      height,
    );
  }
  yield* flattening.rest();
}

async function openLayer(
  layer: Layer,
  diffID: Hash | undefined,
  { signal, maxHeaderBytes, maxSparseBytes }: ExtractOptions,
): Promise<AsyncIterable<TarEntry>> {
  const content = await opened(layer.uncompressed({ signal }), { signal });
  const what = `layer ${diffID}`;
  return readTar(diffID === undefined ? content : verified(content, { digest: diffID, what }), {
    signal,
    maxHeaderBytes,
    maxSparseBytes,
  });
}

/** What the configuration says of the layers; nothing while they are streams, which know their own diffIDs best. */
async function diffIDsOf(image: Image, options: CallOptions): Promise<readonly Hash[]> {
  return (await unlessNotComputed(image.configFile(options)))?.rootfs.diffIDs ?? [];
}
