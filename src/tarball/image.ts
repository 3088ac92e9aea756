import { MAX_MANIFEST_BYTES, readAll, verifyBytes } from "../bytes/index.js";
import { NameError, newTag, type Tag } from "../name/index.js";
import { LayerCountError } from "../partial/index.js";
import { dockerLayer, type Hash, type Image, newHash, ociLayer, parseConfigFile } from "../v1/index.js";
import { quote } from "../v1/quote.js";
import { Archive, type ArchiveOptions } from "./archive.js";
import { TarballError } from "./error.js";
import { parseTarballManifest, type TarballManifest } from "./manifest.js";
import { openLayer, placeOf } from "./open-layer.js";
import type { Opener } from "./opener.js";
import { TarballImage } from "./tarball-image.js";

/** How a tarball is read. */
export type TarballOptions = ArchiveOptions;

/**
 * Reads what a tarball's `manifest.json` lists.
 *
 * @throws {TarError} if it is not a tar, or damaged
 * @throws {TarballError} if it has no `manifest.json`
 * @throws {JSONError} if that is not what it should be
 * @throws {SizeLimitError} if that is larger than allowed
 * @throws what the opener fails with
 */
export async function loadManifest(
  opener: Opener,
  options: TarballOptions = {},
): Promise<readonly TarballManifest[]> {
  return parseTarballManifest((await Archive.read(opener, options)).manifest);
}

/**
 * Finds an image in a tarball as `docker save` writes them, old or new: layers with and without compression, in one image or
 * in several, and links from one file to another. The tarball is read to its end here, and its configuration; layers are
 * read when they are asked for, from the tarball's beginning each time.
 *
 * The image's manifest is made up: of Docker's types, or of OCI's if a layer is compressed with zstd. Layers without
 * compression are compressed with gzip. The configuration is what it was, byte for byte. What names and configuration say of
 * digests is verified whenever something is read.
 *
 * @param tag of the image that is meant, compared by its full name; there must be exactly one image if it is absent
 * @throws {TarballError} if there is no such image, or a file is missing, leads out of the archive or in a circle
 * @throws {LayerCountError} if it has not as many layers as its configuration lists
 * @throws {NameError} if the tag is none
 * @throws what {@link loadManifest} throws
 */
export async function image(
  opener: Opener,
  tag?: Tag | string,
  options: TarballOptions = {},
): Promise<Image> {
  const wanted = typeof tag === "string" ? newTag(tag) : tag;
  const archive = await Archive.read(opener, options);
  const described = find(parseTarballManifest(archive.manifest), wanted);
  const config = await readConfig(archive, described.config, options);
  const { diffIDs = [] } = parseConfigFile(config).rootfs;
  if (described.layers.length !== diffIDs.length) {
    throw new LayerCountError(described.layers.length, diffIDs.length);
  }
  const places = diffIDs.map((diffID, index) =>
    placeOf(archive, described, diffID, described.layers[index]!),
  );
  // Manifests of Docker's know nothing of zstd, so one layer of it makes all of the image OCI's.
  const oci = places.some(({ file }) => file?.compression === "zstd");
  const layers = places.map((place) => openLayer(archive, place, oci ? ociLayer : dockerLayer));
  return new TarballImage(config, diffIDs, layers, oci);
}

function find(manifests: readonly TarballManifest[], tag: Tag | undefined): TarballManifest {
  if (tag !== undefined) {
    const found = manifests.find(({ repoTags = [] }) =>
      repoTags.some((each) => fullName(each) === tag.name()),
    );
    if (found === undefined) throw new TarballError(`the tag ${quote(String(tag))} is not in the tarball`);
    return found;
  }
  const [only, ...more] = manifests;
  if (only === undefined || more.length > 0) {
    throw new TarballError(`the tarball has ${manifests.length} images: say which is meant by its tag`);
  }
  return only;
}

/** What is no tag is nobody's name. */
function fullName(tag: string): string | undefined {
  try {
    return newTag(tag).name();
  } catch (error) {
    if (error instanceof NameError) return undefined;
    throw error;
  }
}

async function readConfig(archive: Archive, name: string, options: TarballOptions): Promise<Uint8Array> {
  const { signal, maxManifestBytes = MAX_MANIFEST_BYTES } = options;
  const what = `the configuration ${quote(name)}`;
  const stream = archive.open(archive.file(name), { signal });
  const config = await readAll(stream, { signal, maxBytes: maxManifestBytes, what });
  const digest = digestInName(name);
  if (digest !== undefined) await verifyBytes(config, { digest, what });
  return config;
}

/** The digest that a configuration's name has: `sha256:HEX`, `HEX.json`, `blobs/sha256/HEX`, and the same of sha512. */
function digestInName(name: string): Hash | undefined {
  const hex = /(?:^|[/:])([0-9a-f]{64}|[0-9a-f]{128})(?:\.json)?$/.exec(name)?.[1];
  return hex === undefined ? undefined : newHash(`${hex.length === 64 ? "sha256" : "sha512"}:${hex}`);
}
