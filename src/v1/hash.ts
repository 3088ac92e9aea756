import { VarveError } from "../core/error.js";
import { toHex } from "../core/hex.js";
import { quote } from "./quote.js";

/**
 * Hex digits of a digest by each algorithm that image manifests may name (OCI image-spec, descriptor.md,
 * "Registered algorithms").
 */
const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha512", 128],
]);

/** Text or bytes that are not the digest of some content. Its `code` is `ERR_VARVE_HASH`. */
export class HashError extends VarveError {
  override readonly name = "HashError";

  constructor(message: string) {
    super("ERR_VARVE_HASH", message);
  }
}

/**
 * The digest of some content, such as `sha256:e3b0c442...`. Immutable, and valid by construction: the
 * algorithm is a known one, and the hex is lower-case and of that algorithm's exact length.
 */
export class Hash {
  /** `"sha256"`, which is what this package gives to what it makes, or `"sha512"`. */
  readonly algorithm: string;
  /** 64 lower-case hex digits for sha256, 128 for sha512. */
  readonly hex: string;

  /**
   * @throws {HashError} if the algorithm is unknown, or the hex is not lower-case or not of the algorithm's
   *   length
   */
  constructor(algorithm: string, hex: string) {
    const stranger = /[^0-9a-f]/u.exec(hex);
    if (stranger !== null) {
      throw new HashError(
        `found non-hex character ${quote(stranger[0])} in hash ${quote(`${algorithm}:${hex}`)}: digits are 0-9 and a-f, in lower case`,
      );
    }
    const digits = HEX_DIGITS.get(algorithm);
    if (digits === undefined) {
      throw new HashError(
        `unsupported hash algorithm ${quote(algorithm)}: supported are ${[...HEX_DIGITS.keys()].join(", ")}`,
      );
    }
    if (hex.length !== digits) {
      throw new HashError(
        `wrong number of hex digits in hash ${quote(`${algorithm}:${hex}`)}: ${algorithm} has ${digits}, this has ${hex.length}`,
      );
    }
    this.algorithm = algorithm;
    this.hex = hex;
    Object.freeze(this);
  }

  /** Whether the other hash has the same algorithm and the same digits. */
  equals(other: Hash): boolean {
    return this.algorithm === other.algorithm && this.hex === other.hex;
  }

  /** The form that manifests, URLs and commands use: `algorithm:hex`. {@link newHash} reads it back. */
  toString(): string {
    return `${this.algorithm}:${this.hex}`;
  }

  /** The string form, so that a hash inside a larger object is written as OCI manifests write it. */
  toJSON(): string {
    return this.toString();
  }
}

/**
 * Parses `algorithm:hex`.
 *
 * @throws {HashError} if the text has no such form, a non-hex or upper-case character, an unsupported
 *   algorithm, or the wrong number of digits; each has a message of its own
 */
export function newHash(text: string): Hash {
  const parts = text.split(":");
  const [algorithm, hex] = parts;
  if (parts.length !== 2 || algorithm === undefined || hex === undefined) {
    throw new HashError(
      `cannot parse hash ${quote(text)}: expected algorithm:hex, such as sha256:e3b0c442...`,
    );
  }
  return new Hash(algorithm, hex);
}

/**
 * Makes a hash of the raw digest that a hash function gave.
 *
 * @param algorithm `"sha256"` or `"sha512"`
 * @param bytes the digest itself: 32 bytes for sha256, 64 for sha512
 * @throws {HashError} if the algorithm is unsupported or the number of bytes is not the algorithm's
 */
export function hashFromBytes(algorithm: string, bytes: Uint8Array): Hash {
  return new Hash(algorithm, toHex(bytes));
}

/** The SHA-256 of no bytes at all: the diffID of an empty layer. */
export const emptyHash: Hash = /* @__PURE__ */ new Hash(
  "sha256",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
);
