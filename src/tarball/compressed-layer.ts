import { bytesOf, Memo, throughMachine, verified } from "../bytes/index.js";
import { init, type MachineResult } from "../core/index.js";
import { type CompressedLayer, compressedToLayer } from "../partial/index.js";
import {
  type CallOptions,
  compressionByName,
  type Hash,
  hashFromBytes,
  type Layer,
  type MediaType,
  type ReadOptions,
  readingMachine,
  VerificationError,
} from "../v1/index.js";

/** A file that is a compressed layer, and what is known of it. */
export interface CompressedFile {
  readonly open: (options?: ReadOptions) => Promise<ReadableStream<Uint8Array>>;
  readonly compression: "gzip" | "zstd";
  readonly mediaType: MediaType;
  /** Bytes of the file. */
  readonly size?: number | undefined;
  /** What it must hash to, if its name says so. */
  readonly digest?: Hash | undefined;
  /** What its content must hash to, if a configuration says so. */
  readonly diffID?: Hash | undefined;
}

interface Facts {
  readonly digest: Hash;
  readonly size: number;
  readonly diffID: Hash;
}

/**
 * A layer whose compressed bytes are in a file. What is not known of it is found out when it is first needed, by reading it
 * once; from then on, each reading is held to that.
 */
export class CompressedFileLayer implements Layer {
  readonly #file: CompressedFile;
  readonly #facts: Memo<Facts> = new Memo((signal) => this.#read(signal));

  constructor(file: CompressedFile) {
    this.#file = file;
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return (await this.#expected(options)).digest;
  }

  /** @throws {VerificationError} if the content is not what the configuration says */
  async diffID(options?: CallOptions): Promise<Hash> {
    return this.#file.diffID ?? (await this.#facts.get(options)).diffID;
  }

  async size(options?: CallOptions): Promise<number> {
    return this.#file.size ?? (await this.#facts.get(options)).size;
  }

  async mediaType(): Promise<MediaType> {
    return this.#file.mediaType;
  }

  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const expected = await this.#expected(options);
    return verified(await this.#file.open(options), { ...options, ...expected, what: "a layer" });
  }

  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const digest = await this.diffID(options);
    const raw: CompressedLayer = {
      digest: (call) => this.digest(call),
      size: (call) => this.size(call),
      mediaType: () => this.mediaType(),
      compressed: (call) => this.#file.open(call),
    };
    const content = await compressedToLayer(raw).uncompressed(options);
    return verified(content, { ...options, digest, what: "a layer's content" });
  }

  /** What the file's bytes must be. */
  async #expected(options: CallOptions | undefined): Promise<{ digest: Hash; size: number | undefined }> {
    const { digest, size } = this.#file;
    return digest === undefined ? this.#facts.get(options) : { digest, size };
  }

  async #read(signal: AbortSignal): Promise<Facts> {
    await init();
    const machine = readingMachine(compressionByName(this.#file.compression));
    let result: MachineResult | undefined;
    const onEnd = (): void => {
      result = machine.result();
    };
    let file: ReadableStream<Uint8Array>;
    try {
      file = await this.#file.open({ signal });
    } catch (error) {
      machine.release();
      throw error;
    }
    const content = throughMachine(file, machine, { signal, fullPieces: true, onEnd, what: "a layer" });
    // What is listed by another hash than the machine's is held to it on its way.
    const listed = this.#file.diffID;
    const other = listed?.algorithm === "sha256" ? undefined : listed;
    const what = "a layer's content";
    const pieces = bytesOf(other === undefined ? content : verified(content, { digest: other, what }));
    while (!(await pieces.next()).done);
    const diffID = other ?? hashFromBytes("sha256", result!.diffID);
    if (listed !== undefined && !listed.equals(diffID)) {
      throw new VerificationError(what, { digest: listed }, { digest: diffID });
    }
    return { digest: hashFromBytes("sha256", result!.digest), size: result!.size, diffID };
  }
}
