import { Memo } from "../bytes/index.js";
import {
  BlobUnknownError,
  type CompressedImageCore,
  type CompressedLayer,
  compressedToImage,
} from "../partial/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  type Image,
  isConfig,
  type Manifest,
  type MediaType,
  parseConfigFile,
  parseManifest,
} from "../v1/index.js";
import type { Blobs } from "./blobs.js";
import { LayoutLayer } from "./layout-layer.js";

/** The image of a layout that a descriptor names. Nothing is read before it is asked for. */
export function imageAt(blobs: Blobs, descriptor: Descriptor): Image {
  return compressedToImage(new LayoutImage(blobs, descriptor));
}

/** What a layout has of an image: its manifest and its configuration, each read, verified and looked through once. */
export class LayoutImage implements CompressedImageCore {
  readonly #blobs: Blobs;
  readonly #descriptor: Descriptor;
  readonly #manifest: Memo<Uint8Array>;
  readonly #config: Memo<Uint8Array>;
  readonly #parsed: Memo<Manifest>;
  readonly #blobsByDigest: Memo<ReadonlyMap<string, Descriptor>>;
  readonly #diffIDs: Memo<ReadonlyMap<string, Hash>>;

  constructor(blobs: Blobs, descriptor: Descriptor) {
    this.#blobs = blobs;
    this.#descriptor = descriptor;
    this.#manifest = new Memo((signal) => blobs.read(descriptor, { signal }));
    this.#config = new Memo(async (signal) =>
      blobs.read((await this.#parsed.get({ signal })).config, { signal }),
    );
    this.#parsed = new Memo(async (signal) => parseManifest(await this.#manifest.get({ signal })));
    this.#blobsByDigest = new Memo(async (signal) => blobsOf(await this.#parsed.get({ signal })));
    this.#diffIDs = new Memo((signal) => this.#stated({ signal }));
  }

  async mediaType(): Promise<MediaType> {
    return this.#descriptor.mediaType;
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#manifest.get(options)).slice();
  }

  async rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#config.get(options)).slice();
  }

  /** As the index has it, with its annotations and its platform. */
  async descriptor(): Promise<Descriptor> {
    return this.#descriptor;
  }

  /** @throws {BlobUnknownError} if the manifest lists no such layer, and it isn't the configuration either */
  async layerByDigest(digest: Hash, options?: CallOptions): Promise<CompressedLayer> {
    const found = (await this.#blobsByDigest.get(options)).get(String(digest));
    if (found === undefined) throw new BlobUnknownError("blob", digest);
    return new LayoutLayer(this.#blobs, found, this);
  }

  /** What the configuration says is the diffID of the first layer with this digest; undefined if it says nothing of it. */
  async diffIDOf(digest: Hash, options?: CallOptions): Promise<Hash | undefined> {
    return (await this.#diffIDs.get(options)).get(String(digest));
  }

  /** The diffIDs by the digests, if there is one for each layer. */
  async #stated(options: CallOptions): Promise<ReadonlyMap<string, Hash>> {
    const { config, layers = [] } = await this.#parsed.get(options);
    if (!isConfig(config.mediaType)) return new Map();
    const { diffIDs = [] } = parseConfigFile(await this.#config.get(options)).rootfs;
    if (diffIDs.length !== layers.length) return new Map();
    return firstOfEach(layers.map(({ digest }, index) => [String(digest), diffIDs[index]!]));
  }
}

/** The configuration, and the first layer with each digest. */
function blobsOf({ config, layers = [] }: Manifest): ReadonlyMap<string, Descriptor> {
  return firstOfEach([config, ...layers].map((each) => [String(each.digest), each]));
}

function firstOfEach<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map([...entries].reverse());
}
