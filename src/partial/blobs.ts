import { unlessAborted } from "../bytes/index.js";
import type { CallOptions, Descriptor, Hash } from "../v1/index.js";
import { diffIDs } from "./config.js";
import { BlobUnknownError, LayerCountError } from "./errors.js";
import type { WithManifest, WithManifestAndConfigFile } from "./interfaces.js";
import { fsLayers } from "./manifest.js";

/**
 * The descriptor of an image's configuration, if that has this digest, or else of the first layer that does.
 *
 * @throws {BlobUnknownError} if there is none
 */
export async function blobDescriptor(
  image: WithManifest,
  digest: Hash,
  options?: CallOptions,
): Promise<Descriptor> {
  const { config, layers } = await unlessAborted(options?.signal, image.manifest(options));
  const found = [config, ...(layers ?? [])].find((each) => each.digest.equals(digest));
  if (found === undefined) {
    throw new BlobUnknownError("blob", digest);
  }
  return found;
}

/** The number of bytes of an image's blob. @throws {BlobUnknownError} if there is none with this digest */
export async function blobSize(image: WithManifest, digest: Hash, options?: CallOptions): Promise<number> {
  return (await blobDescriptor(image, digest, options)).size;
}

/**
 * The diffID of the first layer with this digest.
 *
 * @throws {BlobUnknownError} if there is none
 * @throws {LayerCountError} if the manifest and the configuration have different numbers of layers
 */
export async function blobToDiffID(
  image: WithManifestAndConfigFile,
  digest: Hash,
  options?: CallOptions,
): Promise<Hash> {
  const found = (await pairs(image, options)).find((pair) => pair.digest.equals(digest));
  if (found === undefined) {
    throw new BlobUnknownError("blob", digest);
  }
  return found.diffID;
}

/**
 * The digest of the first layer with this diffID.
 *
 * @throws {BlobUnknownError} if there is none
 * @throws {LayerCountError} if the manifest and the configuration have different numbers of layers
 */
export async function diffIDToBlob(
  image: WithManifestAndConfigFile,
  diffID: Hash,
  options?: CallOptions,
): Promise<Hash> {
  const found = (await pairs(image, options)).find((pair) => pair.diffID.equals(diffID));
  if (found === undefined) {
    throw new BlobUnknownError("diffID", diffID);
  }
  return found.digest;
}

/** By diffID, as text, the digest of the first layer that has it. @throws what {@link diffIDToBlob} throws */
export async function digestsByDiffID(
  image: WithManifestAndConfigFile,
  options?: CallOptions,
): Promise<ReadonlyMap<string, Hash>> {
  const found = (await pairs(image, options)).map(({ diffID, digest }) => [String(diffID), digest] as const);
  return new Map([...found].reverse());
}

interface Pair {
  readonly digest: Hash;
  readonly diffID: Hash;
}

async function pairs(image: WithManifestAndConfigFile, options?: CallOptions): Promise<readonly Pair[]> {
  const digests = await fsLayers(image, options);
  const ids = await diffIDs(image, options);
  if (digests.length !== ids.length) {
    throw new LayerCountError(digests.length, ids.length);
  }
  return digests.map((digest, index) => ({ digest, diffID: ids[index]! }));
}
