import { VarveError } from "../core/error.js";
import {
  GunzipLayerMachine,
  type HashOptions,
  IdentityLayerMachine,
  type Machine,
  newGzipLayerMachine,
  resumeGzipLayerMachine,
  type ThreadOptions,
} from "../core/index.js";
import { UnsupportedError } from "./layer-error.js";
import { dockerLayer, dockerUncompressedLayer, type MediaType } from "./media-type.js";
import { quote } from "./quote.js";

/** What a machine may use to be faster; the bytes don't depend on it. */
export interface MachineOptions extends ThreadOptions, HashOptions {}

/** How a layer's bytes are made from a tar's. */
export interface Compression {
  /** What commands and options call it, such as `"gzip"`. */
  readonly name: string;
  /** The media type of a layer that was compressed so and was given no other. */
  readonly defaultMediaType: MediaType;
  /** The level of a layer that was given none. Default: 1. */
  readonly defaultLevel?: number | undefined;
  /**
   * Loads what a machine for writing needs besides the core. It is awaited before `newMachine`, for each stream; a
   * failure fails the layer, and is not remembered.
   */
  prepare?(): Promise<void>;
  /**
   * Makes a machine for one stream; the core must have been initialised.
   *
   * @param level how hard to try, on this compression's own scale; one without levels ignores it
   * @param options hints: a compression without threads, or without a choice of hash, ignores them
   * @throws {CompressionLevelError} if this compression has no such level
   * @throws {ThreadCountError} if there can't be so many threads
   */
  newMachine(level: number, options?: MachineOptions): Machine;
  /**
   * Makes a machine that goes on where a checkpoint of such a machine was taken. Absent where that can't be.
   *
   * @param level the level that it must have been taken at; any if undefined
   * @throws {CheckpointError} if the checkpoint is not intact, or that of something else, or of another level
   */
  resumeMachine?(checkpoint: Uint8Array, level: number | undefined, options?: MachineOptions): Machine;
  /**
   * Makes a machine that goes the other way, for one stream; the core must have been initialised. Compressed bytes go
   * in and uncompressed ones come out; its `result` is that of the layer: `digest` and `size` are those of what went
   * in, `diffID` and `uncompressedSize` those of what came out. It throws an error of its own kind for input that is
   * damaged, truncated, or more than the options allow. Absent: what is compressed so can only be written.
   */
  newReadingMachine?(options?: ReadingOptions): Machine;
}

/** Level 1: on layers, harder levels cost several times the time for a few per cent of size. */
const DEFAULT_LEVEL = 1;

/** The level at which a compression is used where none was asked for, on its own scale. */
export function defaultLevel(compression: Compression): number {
  return compression.defaultLevel ?? DEFAULT_LEVEL;
}

/** What compressed input may ask for. */
export interface ReadingOptions {
  /** The most uncompressed bytes that may come of it. Default: as many as come. */
  readonly maxBytes?: number | undefined;
  /** The largest window in bytes, of a compression whose streams choose one, such as zstd. Default: its own. */
  readonly maxWindowSize?: number | undefined;
}

/** RFC 1952, as every registry and runtime takes it. */
export const gzip: Compression = {
  name: "gzip",
  defaultMediaType: dockerLayer,
  newMachine: (level: number, options: MachineOptions = {}): Machine => newGzipLayerMachine(level, options),
  resumeMachine: (checkpoint: Uint8Array, level: number | undefined, options?: MachineOptions): Machine =>
    resumeGzipLayerMachine(checkpoint, level, options),
  newReadingMachine: ({ maxBytes }: ReadingOptions = {}): Machine =>
    new GunzipLayerMachine(maxBytes === undefined ? {} : { maxBytes }),
};

/** The bytes as they are: digest and diffID are the same. It has no levels. */
export const none: Compression = {
  name: "none",
  defaultMediaType: dockerUncompressedLayer,
  newMachine: (): Machine => new IdentityLayerMachine(),
  newReadingMachine: (): Machine => new IdentityLayerMachine(),
};

const BY_NAME: Map<string, Compression> = /* @__PURE__ */ new Map(
  [gzip, none].map((each) => [each.name, each]),
);

/** No compression has the name that was asked for. Its `code` is `ERR_VARVE_UNKNOWN_COMPRESSION`. */
export class UnknownCompressionError extends VarveError {
  override readonly name = "UnknownCompressionError";

  constructor(name: string) {
    super(
      "ERR_VARVE_UNKNOWN_COMPRESSION",
      `unknown compression ${quote(name)}: choose one of ${[...BY_NAME.keys()].join(", ")}${
        name === "zstd" ? '; zstd is there once "varve/zstd" has been imported' : ""
      }`,
    );
  }
}

/**
 * Lets a compression be found by its name, in place of one that had it before. `varve/zstd` does so when it is
 * imported.
 */
export function registerCompression(compression: Compression): void {
  BY_NAME.set(compression.name, compression);
}

/**
 * Finds a compression by its name: `"gzip"`, `"none"`, or another that was registered.
 *
 * @throws {UnknownCompressionError} if there is none of that name; the message lists those that exist
 */
export function compressionByName(name: string): Compression {
  const found = BY_NAME.get(name);
  if (found === undefined) {
    throw new UnknownCompressionError(name);
  }
  return found;
}

/**
 * Makes a machine that reads what is compressed so.
 *
 * @throws {UnsupportedError} if the compression can only be written
 */
export function readingMachine(compression: Compression, options: ReadingOptions = {}): Machine {
  if (compression.newReadingMachine === undefined) {
    throw new UnsupportedError(
      `the compression ${compression.name} has no newReadingMachine(), so what is compressed with it cannot be read`,
    );
  }
  return compression.newReadingMachine(options);
}
