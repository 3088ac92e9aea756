import { newNativeSha256 } from "#host";
import { init, Sha256, Sha512 } from "../core/index.js";
import { type Hash, hashFromBytes, UnsupportedError } from "../v1/index.js";

/** A hash of bytes that come piece by piece. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  /** The raw digest; called once. */
  digest(): Uint8Array;
}

/** The runtime's own SHA-256 is several times as fast as WebAssembly's, and gives the same digest. */
const HASHERS: Readonly<Record<string, () => Hasher>> = {
  sha256: () => newNativeSha256() ?? new Sha256(),
  sha512: () => new Sha512(),
};

/**
 * Makes a hash, of the algorithm that {@link Hash} calls so.
 *
 * @throws {UnsupportedError} if there is no such algorithm
 */
export async function newHasher(algorithm: string): Promise<Hasher> {
  const make = Object.hasOwn(HASHERS, algorithm) ? HASHERS[algorithm] : undefined;
  if (make === undefined) {
    throw new UnsupportedError(`digests by ${algorithm} can't be computed: use sha256 or sha512`);
  }
  await init();
  return make();
}

/** The digest of bytes that are at hand. @throws {UnsupportedError} if there is no such algorithm */
export async function hashOf(bytes: Uint8Array, algorithm = "sha256"): Promise<Hash> {
  const hasher = await newHasher(algorithm);
  hasher.update(bytes);
  return hashFromBytes(algorithm, hasher.digest());
}
