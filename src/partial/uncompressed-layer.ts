import { bytesOf, Memo, opened, throughMachine, verified } from "../bytes/index.js";
import { init, type Machine } from "../core/index.js";
import { defaultLevel } from "../v1/compression.js";
import {
  type CallOptions,
  type Compression,
  compressionByName,
  type Hash,
  hashFromBytes,
  type Layer,
  type MachineOptions,
  type MediaType,
  type ReadOptions,
  VerificationError,
} from "../v1/index.js";
import { inner } from "./inner.js";
import type { UncompressedLayer } from "./interfaces.js";

/** How uncompressed bytes are compressed. */
export interface CompressionOptions extends MachineOptions {
  /** `"zstd"` once `varve/zstd` has been imported. Default: `"gzip"`. */
  readonly compression?: "gzip" | "none" | "zstd" | Compression | undefined;
  /** On the compression's own scale; checked when bytes are first needed. Default: the compression's, 1 for gzip. */
  readonly compressionLevel?: number | undefined;
}

/** How a layer is made of its uncompressed bytes. */
export interface UncompressedLayerOptions extends CompressionOptions {
  /**
   * What the layer says that it is. Default: what the given object says; of another compression than gzip, what that
   * compression makes.
   */
  readonly mediaType?: MediaType | undefined;
}

/**
 * Makes a whole layer of one whose uncompressed bytes are at hand. `compressed()` compresses them each time that it is
 * called. `digest()` and `size()` do so once, together, unless `compressed()` has been read to its end before; if that
 * fails, who asks next starts anew. Nothing is read here.
 *
 * @throws {UnknownCompressionError} if there is no compression of that name, such as zstd before `varve/zstd` was imported
 */
export function uncompressedToLayer(layer: UncompressedLayer, options: UncompressedLayerOptions = {}): Layer {
  return new ExtendedUncompressedLayer(layer, options, undefined);
}

/** The same of a layer that an image lists by its diffID: compressing it fails if its content is something else. */
export function listedLayer(
  layer: UncompressedLayer,
  options: UncompressedLayerOptions,
  diffID: Hash,
): Layer {
  return new ExtendedUncompressedLayer(layer, options, diffID);
}

/** What compressing has shown. */
interface Facts {
  readonly digest: Hash;
  readonly size: number;
}

class ExtendedUncompressedLayer implements Layer {
  readonly [inner]: UncompressedLayer;
  readonly #options: UncompressedLayerOptions;
  readonly #compression: Compression;
  readonly #listed: Hash | undefined;
  readonly #facts: Memo<Facts> = new Memo((signal) => this.#pass(signal));

  constructor(layer: UncompressedLayer, options: UncompressedLayerOptions, listed: Hash | undefined) {
    const { compression = "gzip" } = options;
    this[inner] = layer;
    this.#options = options;
    this.#listed = listed;
    this.#compression = typeof compression === "string" ? compressionByName(compression) : compression;
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return (await this.#facts.get(options)).digest;
  }

  diffID(options?: CallOptions): Promise<Hash> {
    return this[inner].diffID(options);
  }

  async size(options?: CallOptions): Promise<number> {
    return (await this.#facts.get(options)).size;
  }

  async mediaType(options?: CallOptions): Promise<MediaType> {
    const { name, defaultMediaType } = this.#compression;
    return this.#options.mediaType ?? (name === "gzip" ? this[inner].mediaType(options) : defaultMediaType);
  }

  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const machine = await this.#newMachine();
    let content: ReadableStream<Uint8Array>;
    try {
      content = await opened(this[inner].uncompressed(options), options);
    } catch (error) {
      machine.release();
      throw error;
    }
    return throughMachine(this.#heldToList(content), machine, {
      ...options,
      what: "a layer",
      onEnd: () => this.#learn(machine),
    });
  }

  uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    return this[inner].uncompressed(options);
  }

  /** What is listed by another hash than the machine's is held to it before the machine gets it. */
  #heldToList(content: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const digest = this.#listed;
    if (digest === undefined || digest.algorithm === "sha256") return content;
    return verified(content, { digest, what: "a layer's content" });
  }

  async #newMachine(): Promise<Machine> {
    const { compressionLevel = defaultLevel(this.#compression) } = this.#options;
    await init();
    await this.#compression.prepare?.();
    return this.#compression.newMachine(compressionLevel, this.#options);
  }

  /**
   * @throws {VerificationError} if the content is not what the image lists, or an earlier pass gave other bytes, whose digest
   *   may stand in a manifest by now
   */
  #learn(machine: Machine): void {
    const result = machine.result();
    const content = hashFromBytes("sha256", result.diffID);
    if (this.#listed?.algorithm === "sha256" && !this.#listed.equals(content)) {
      const found = { digest: content, size: result.uncompressedSize };
      throw new VerificationError("a layer's content", { digest: this.#listed }, found);
    }
    const found: Facts = { digest: hashFromBytes("sha256", result.digest), size: result.size };
    this.#facts.learn(found);
    const known = this.#facts.value ?? found;
    if (!known.digest.equals(found.digest)) {
      throw new VerificationError("a layer that was compressed again", known, found);
    }
  }

  async #pass(signal: AbortSignal): Promise<Facts> {
    const chunks = bytesOf(await this.compressed({ signal }));
    while (!(await chunks.next()).done);
    return this.#facts.value!;
  }
}
