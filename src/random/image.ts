import { Memo } from "../bytes/index.js";
import { BlobUnknownError, type UncompressedImageCore, uncompressedToImage } from "../partial/index.js";
import {
  type CallOptions,
  dockerLayer,
  dockerManifestSchema2,
  encodeConfigFile,
  type Hash,
  type Image,
  type MediaType,
} from "../v1/index.js";
import { RandomLayer } from "./layer.js";
import { drawState, type RandomOptions, sourceOf, whole } from "./options.js";

/**
 * Makes an image of so many random layers, of Docker's media types. Its configuration has nothing but the layers and a
 * history of them. Nothing is made before it is asked for.
 *
 * @param byteSize of the one file in each layer
 * @param layers how many; each has other bytes
 * @throws {RandomError} if a number is none that can be used
 */
export function image(byteSize: number, layers: number, options: RandomOptions = {}): Image {
  const source = sourceOf(options);
  const made = Array.from(
    { length: whole("number of layers", layers) },
    () => new RandomLayer(byteSize, dockerLayer, drawState(source)),
  );
  return uncompressedToImage(new RandomImage(made));
}

/** What is kept of an image's layers once they have been hashed. */
interface Contents {
  readonly config: Uint8Array;
  readonly layers: ReadonlyMap<string, RandomLayer>;
}

class RandomImage implements UncompressedImageCore {
  readonly #layers: readonly RandomLayer[];
  readonly #contents: Memo<Contents> = new Memo((signal) => this.#hash({ signal }));

  constructor(layers: readonly RandomLayer[]) {
    this.#layers = layers;
  }

  async rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#contents.get(options)).config.slice();
  }

  async mediaType(): Promise<MediaType> {
    return dockerManifestSchema2;
  }

  /** @throws {BlobUnknownError} if there is none */
  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<RandomLayer> {
    const found = (await this.#contents.get(options)).layers.get(String(diffID));
    if (found === undefined) throw new BlobUnknownError("diffID", diffID);
    return found;
  }

  async #hash(options: CallOptions): Promise<Contents> {
    const count = this.#layers.length;
    const diffIDs: Hash[] = [];
    for (const each of this.#layers) diffIDs.push(await each.diffID(options));
    const config = encodeConfigFile({
      architecture: "",
      history: diffIDs.map((_, index) => ({
        author: "random.image",
        createdBy: "random",
        comment: `this is a random history ${index} of ${count}`,
      })),
      os: "",
      rootfs: { type: "layers", diffIDs },
      config: {},
    });
    return {
      config,
      layers: new Map(diffIDs.map((diffID, index) => [String(diffID), this.#layers[index]!])),
    };
  }
}
