import { newNativeSha256 } from "#host";
import type { NativeHash } from "./host/host.js";

/** A hash of the runtime's own, whose digest is the caller's. */
class Digester {
  readonly #hash: NativeHash;

  constructor(hash: NativeHash) {
    this.#hash = hash;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#hash.digest());
  }
}

/** The runtime's own SHA-256 over both sides of a layer. */
export class NativeLayerHashes {
  readonly input: Digester;
  readonly output: Digester;

  private constructor(input: NativeHash, output: NativeHash) {
    this.input = new Digester(input);
    this.output = new Digester(output);
  }

  /** Begins both; undefined where the runtime has no such hash. */
  static open(): NativeLayerHashes | undefined {
    const input = newNativeSha256();
    const output = newNativeSha256();
    return input === undefined || output === undefined ? undefined : new NativeLayerHashes(input, output);
  }
}
