import { hashOf } from "../bytes/index.js";
import { descriptor } from "../partial/index.js";
import {
  type CallOptions,
  type ConfigFile,
  type Descriptor,
  encodeConfigFile,
  encodeManifest,
  type Hash,
  type Image,
  isConfig,
  type Layer,
  type Manifest,
  type MediaType,
  UnsupportedError,
} from "../v1/index.js";
import { quote } from "../v1/quote.js";
import type { Addition } from "./addition.js";

/** What an image differs in from its base; what is absent is the base's. */
export interface ImageMutation {
  readonly additions?: readonly Addition[];
  /** Whether the additions take the place of the base's layers and history. */
  readonly rebuilt?: boolean;
  /** Makes the configuration of the base's. */
  readonly editConfig?: (file: ConfigFile) => ConfigFile;
  /** Takes the place of the base's configuration, whatever that is. */
  readonly configFile?: ConfigFile;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Descriptor;
  readonly mediaType?: MediaType;
  readonly configMediaType?: MediaType;
}

/** A configuration that is not the base's. */
export interface ComputedConfig {
  readonly file: ConfigFile;
  readonly raw: Uint8Array;
  readonly name: Hash;
}

/** What a mutated image is, once everything that goes into it is known. */
export interface ComputedImage {
  readonly manifest: Manifest;
  readonly raw: Uint8Array;
  readonly digest: Hash;
  /** Absent if the configuration is the base's, byte for byte. */
  readonly config: ComputedConfig | undefined;
  /** What the manifest lists as layers, by their digests. */
  readonly listed: ReadonlySet<string>;
  /** The layers that were added, by their digests. */
  readonly added: ReadonlyMap<string, Layer>;
}

/**
 * Applies a mutation. No layer's content is read but by the layer itself, if it can't tell its digest otherwise.
 *
 * @throws {NotComputedError} while an added layer is a stream that has not been read to its end
 * @throws {UnsupportedError} if the configuration of something that is not an image's is to be edited
 */
export async function computeImage(
  base: Image,
  mutation: ImageMutation,
  options: CallOptions,
): Promise<ComputedImage> {
  const { additions = [], annotations, configMediaType, mediaType } = mutation;
  const diffIDs: Hash[] = [];
  const descriptors: Descriptor[] = [];
  const added = new Map<string, Layer>();
  for (const addition of additions) {
    const { layer } = addition;
    if (layer === undefined) continue;
    // In this order: a layer that has to be compressed for its digest may learn its diffID on the way.
    const own = await describeAddition(layer, addition, options);
    diffIDs.push(await layer.diffID(options));
    descriptors.push(own);
    added.set(String(own.digest), layer);
  }
  const manifest = await base.manifest(options);
  const config = await computeConfig(base, manifest, mutation, diffIDs, options);
  const subject = mutation.subject ?? manifest.subject;
  const mutated: Manifest = {
    ...manifest,
    ...(mediaType === undefined ? {} : { mediaType }),
    config: {
      ...manifest.config,
      ...(config && describeConfig(config, manifest.config)),
      ...(configMediaType === undefined ? {} : { mediaType: configMediaType }),
    },
    ...layersOf(manifest, mutation, descriptors),
    ...(annotations === undefined ? {} : { annotations: { ...manifest.annotations, ...annotations } }),
    ...(subject === undefined ? {} : { subject }),
  };
  const raw = encodeManifest(mutated);
  const listed = new Set(mutated.layers?.map((each) => String(each.digest)));
  return { manifest: mutated, raw, digest: await hashOf(raw), config, listed, added };
}

function layersOf(
  { layers = [] }: Manifest,
  { rebuilt = false }: ImageMutation,
  descriptors: readonly Descriptor[],
): Pick<Manifest, "layers"> {
  if (rebuilt) return { layers: descriptors };
  return descriptors.length === 0 ? {} : { layers: [...layers, ...descriptors] };
}

/** The layer's own descriptor, with what the addition says of it in its place. */
async function describeAddition(
  layer: Layer,
  { urls, annotations, mediaType }: Addition,
  options: CallOptions,
): Promise<Descriptor> {
  return {
    ...(await descriptor(layer, options)),
    ...(urls?.length ? { urls } : {}),
    ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(mediaType ? { mediaType } : {}),
  };
}

/** Where the manifest carries the configuration along, it carries the new one. */
function describeConfig({ name, raw }: ComputedConfig, own: Descriptor): Partial<Descriptor> {
  return { digest: name, size: raw.length, ...(own.data === undefined ? {} : { data: raw }) };
}

/**
 * The configuration, if the mutation changes it. That of an artifact is no image's configuration: layers leave no trace
 * in it.
 */
async function computeConfig(
  base: Image,
  { config: { mediaType } }: Manifest,
  mutation: ImageMutation,
  diffIDs: readonly Hash[],
  options: CallOptions,
): Promise<ComputedConfig | undefined> {
  const { additions = [], rebuilt = false, editConfig, configFile } = mutation;
  const isImage = isConfig(mediaType);
  if (editConfig !== undefined && !isImage) {
    throw new UnsupportedError(
      `cannot edit a configuration of media type ${quote(mediaType)}, which is not an image's: replace it whole with configFile`,
    );
  }
  const grows = isImage && (rebuilt || additions.length > 0);
  if (!grows && editConfig === undefined && configFile === undefined) return undefined;
  let file = configFile ?? (await base.configFile(options));
  if (editConfig !== undefined) file = editConfig(file);
  if (rebuilt && grows) file = bare(file);
  if (grows) file = grown(file, additions, diffIDs);
  const raw = encodeConfigFile(file);
  return { file, raw, name: await hashOf(raw) };
}

function bare({ history: _, ...file }: ConfigFile): ConfigFile {
  return { ...file, rootfs: { type: file.rootfs.type } };
}

function grown(file: ConfigFile, additions: readonly Addition[], diffIDs: readonly Hash[]): ConfigFile {
  const { history = [], rootfs } = file;
  const layers = diffIDs.length === 0 ? {} : { diffIDs: [...(rootfs.diffIDs ?? []), ...diffIDs] };
  return {
    ...file,
    history: [...history, ...additions.map((addition) => addition.history ?? {})],
    rootfs: { ...rootfs, ...layers },
  };
}
