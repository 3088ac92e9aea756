import { VarveError } from "../core/error.js";
import {
  GzipLayerMachine,
  type HashOptions,
  IdentityLayerMachine,
  type Machine,
  newGzipLayerMachine,
  type ThreadOptions,
} from "../core/index.js";
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
  resumeMachine?(checkpoint: Uint8Array, level: number | undefined): Machine;
}

/** RFC 1952, as every registry and runtime takes it. */
export const gzip: Compression = {
  name: "gzip",
  defaultMediaType: dockerLayer,
  newMachine: (level: number, options: MachineOptions = {}): Machine => newGzipLayerMachine(level, options),
  resumeMachine: (checkpoint: Uint8Array, level: number | undefined): Machine =>
    GzipLayerMachine.resume(checkpoint, level),
};

/** The bytes as they are: digest and diffID are the same. It has no levels. */
export const none: Compression = {
  name: "none",
  defaultMediaType: dockerUncompressedLayer,
  newMachine: (): Machine => new IdentityLayerMachine(),
};

const BY_NAME: ReadonlyMap<string, Compression> = new Map([gzip, none].map((each) => [each.name, each]));

/** No compression has the name that was asked for. Its `code` is `ERR_VARVE_UNKNOWN_COMPRESSION`. */
export class UnknownCompressionError extends VarveError {
  override readonly name = "UnknownCompressionError";

  constructor(name: string) {
    super(
      "ERR_VARVE_UNKNOWN_COMPRESSION",
      `unknown compression ${quote(name)}: choose one of ${[...BY_NAME.keys()].join(", ")}`,
    );
  }
}

/**
 * Finds a compression by its name: `"gzip"` or `"none"`.
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
