import { uncompressedToLayer } from "../partial/index.js";
import {
  type Descriptor,
  type Hash,
  isDistributable,
  type Layer,
  type MediaType,
  newHash,
  ociLayerZStd,
  type ReadOptions,
} from "../v1/index.js";
import type { Archive, ArchiveFile } from "./archive.js";
import { CompressedFileLayer } from "./compressed-layer.js";
import { ForeignLayer } from "./foreign-layer.js";
import type { TarballManifest } from "./manifest.js";
import { PlainFileLayer } from "./plain-layer.js";

/** Where a layer of an image is. */
export type LayerPlace = {
  readonly diffID: Hash;
  readonly name: string;
} & (
  | { readonly foreign: undefined; readonly file: ArchiveFile }
  /** One that stays with its publisher. The archive may have its bytes or not. */
  | { readonly foreign: Descriptor; readonly file: ArchiveFile | undefined }
);

/** @throws {TarballError} if the file is not there, leads out of the archive or in a circle */
export function placeOf(
  archive: Archive,
  { layerSources }: TarballManifest,
  diffID: Hash,
  name: string,
): LayerPlace {
  const source = layerSources?.[String(diffID)];
  if (source === undefined || isDistributable(source.mediaType)) {
    return { diffID, name, foreign: undefined, file: archive.file(name) };
  }
  return { diffID, name, foreign: source, file: archive.has(name) ? archive.file(name) : undefined };
}

/** @param mediaType of layers that are compressed with gzip, here or there */
export function openLayer(archive: Archive, place: LayerPlace, mediaType: MediaType): Layer {
  const { diffID } = place;
  if (place.foreign !== undefined) {
    return new ForeignLayer(place.foreign, diffID, place.file && opening(archive, place.file));
  }
  const { size, compression } = place.file;
  const open = opening(archive, place.file);
  if (compression === "none") {
    return uncompressedToLayer(new PlainFileLayer({ open, mediaType, size, diffID }));
  }
  return new CompressedFileLayer({
    open,
    compression,
    mediaType: compression === "zstd" ? ociLayerZStd : mediaType,
    size,
    diffID,
    digest: blobDigest(place.name),
  });
}

function opening(
  archive: Archive,
  file: ArchiveFile,
): (options?: ReadOptions) => Promise<ReadableStream<Uint8Array>> {
  return async (options) => archive.open(file, options);
}

/** The digest in the name of a blob of an OCI layout. Elsewhere, what looks like one may be something else's. */
function blobDigest(name: string): Hash | undefined {
  const [, sha256, sha512] =
    /^(?:\.\/)?blobs\/(?:sha256\/([0-9a-f]{64})|sha512\/([0-9a-f]{128}))$/.exec(name) ?? [];
  if (sha256 !== undefined) return newHash(`sha256:${sha256}`);
  return sha512 === undefined ? undefined : newHash(`sha512:${sha512}`);
}
