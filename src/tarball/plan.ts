import { bytesOf, opened, verified } from "../bytes/index.js";
import { parseReference, type Reference, type Tag } from "../name/index.js";
import { isTag } from "../name/kind.js";
import { descriptor } from "../partial/index.js";
import type { NewTarEntry } from "../tar/index.js";
import {
  type CallOptions,
  type Descriptor,
  dockerUncompressedLayer,
  type Hash,
  type Image,
  isDistributable,
  type Layer,
  type MediaType,
  ociLayerZStd,
  ociUncompressedLayer,
  ociUncompressedRestrictedLayer,
} from "../v1/index.js";
import { MANIFEST } from "./archive.js";
import { encodeTarballManifest, type TarballManifest } from "./manifest.js";

/** What images are called in a tarball: by tags, or by digests, which give no name there. */
export type NamedImages = Iterable<readonly [reference: Reference | string, image: Image]>;

/** A file of a tarball that is to be written. */
export interface PlannedFile {
  readonly header: NewTarEntry["header"] & { readonly size: number };
  readonly body: (signal: AbortSignal) => Uint8Array | AsyncIterable<Uint8Array>;
}

const EXTENSIONS: ReadonlyMap<MediaType, string> = new Map([
  [ociLayerZStd, ".tar.zst"],
  [ociUncompressedLayer, ".tar"],
  [ociUncompressedRestrictedLayer, ".tar"],
  [dockerUncompressedLayer, ".tar"],
]);

/**
 * Says what files a tarball has, in their order: of each image the configuration and the layers that no image before it has;
 * `manifest.json` last. Images are in the order of their tags.
 *
 * @throws {NotComputedError} if a layer is a stream that has not been read
 * @throws {NameError} if a reference is none
 */
export async function plan(images: NamedImages, options: CallOptions): Promise<readonly PlannedFile[]> {
  const files = new Map<string, PlannedFile>();
  const manifests: { readonly manifest: TarballManifest; readonly files: readonly PlannedFile[] }[] = [];
  for (const [image, repoTags] of byImage(images)) {
    manifests.push(await describe(image, repoTags, options));
  }
  manifests.sort((a, b) => compare(sortKey(a.manifest), sortKey(b.manifest)));
  for (const file of manifests.flatMap((each) => each.files)) {
    if (!files.has(file.header.name)) files.set(file.header.name, file);
  }
  const list = encodeTarballManifest(manifests.map(({ manifest }) => manifest));
  return [...files.values(), fileOf(MANIFEST, list)];
}

/** The tags of each image, in order, each once. */
function byImage(images: NamedImages): ReadonlyMap<Image, readonly string[]> {
  const tags = new Map<Image, Set<string>>();
  for (const [name, image] of images) {
    const reference = typeof name === "string" ? parseReference(name) : name;
    const known = tags.get(image) ?? new Set();
    if (isTag(reference)) known.add(repoTag(reference));
    tags.set(image, known);
  }
  return new Map([...tags].map(([image, known]) => [image, [...known].sort()]));
}

/** As it was written, but never without a tag: `docker load` takes a name without one for nothing. */
function repoTag(tag: Tag): string {
  const suffix = `:${tag.tagStr()}`;
  return String(tag).endsWith(suffix) ? String(tag) : `${tag}${suffix}`;
}

async function describe(
  image: Image,
  repoTags: readonly string[],
  options: CallOptions,
): Promise<{ manifest: TarballManifest; files: readonly PlannedFile[] }> {
  const config = await image.rawConfigFile(options);
  const name = String(await image.configName(options));
  const files = [fileOf(name, config)];
  const sources: [string, Descriptor][] = [];
  for (const layer of await image.layers(options)) {
    const mediaType = await layer.mediaType(options);
    if (!isDistributable(mediaType)) {
      sources.push([String(await layer.diffID(options)), await descriptor(layer, options)]);
    }
    files.push(await layerFile(layer, mediaType, options));
  }
  const manifest: TarballManifest = {
    config: name,
    repoTags: repoTags.length > 0 ? repoTags : undefined,
    layers: files.slice(1).map(({ header }) => header.name),
    layerSources: Object.fromEntries(sources),
  };
  return { manifest, files };
}

function fileOf(name: string, content: Uint8Array): PlannedFile {
  return { header: { name, size: content.length }, body: () => content };
}

async function layerFile(layer: Layer, mediaType: MediaType, options: CallOptions): Promise<PlannedFile> {
  const digest = await layer.digest(options);
  const size = await layer.size(options);
  const name = `${digest.hex}${EXTENSIONS.get(mediaType) ?? ".tar.gz"}`;
  return { header: { name, size }, body: (signal) => contentOf(layer, digest, size, signal) };
}

/** Opens the layer when its turn comes; ending the iteration, or aborting the signal, closes it. */
async function* contentOf(
  layer: Layer,
  digest: Hash,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const content = await opened(layer.compressed({ signal }), { signal });
  const what = `the layer ${digest}`;
  yield* bytesOf(verified(content, { digest, size, what }), { signal, what });
}

function sortKey({ repoTags = [], config }: TarballManifest): string {
  return `${repoTags.join(",")} ${config}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
