import { init, Sha256, Sha512 } from "../core/index.js";
import { RefusalError } from "./refusal.js";

/** A hash that is fed piece by piece. */
export interface Digester {
  /** Takes the next bytes; what it returns is of no interest. */
  update(bytes: Uint8Array): unknown;
  /** Ends the hash and gives its raw digest: 32 bytes for sha256, 64 for sha512. Called once. */
  digest(): Uint8Array;
}

/** Makes digesters, by the algorithm's name as digests write it (`sha256`, `sha512`). */
export type Digesters = Readonly<Record<string, () => Digester>>;

/** The hashes of this package's own core, which need nothing from the host. */
export const coreDigesters: Digesters = { sha256: () => new Sha256(), sha512: () => new Sha512() };

/** Makes {@link coreDigesters} ready; cheap after the first time. */
export async function readyDigesters(): Promise<void> {
  await init();
}

/** @throws {RefusalError} 400 UNSUPPORTED if there is no digester of this algorithm */
export function requireDigester(digesters: Digesters, algorithm: string): void {
  if (Object.hasOwn(digesters, algorithm)) return;
  throw new RefusalError(
    400,
    "UNSUPPORTED",
    `this registry cannot verify blobs by ${JSON.stringify(algorithm.slice(0, 40))}; it can by ${Object.keys(digesters).join(", ")}`,
  );
}

/** @throws {RefusalError} as {@link requireDigester} does */
export function newDigester(digesters: Digesters, algorithm: string): Digester {
  requireDigester(digesters, algorithm);
  const make = digesters[algorithm] as () => Digester;
  return make();
}
