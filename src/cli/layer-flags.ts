import { type Command, InvalidArgumentError, Option } from "commander";
import { checkCompressionLevel, threadCount } from "../core/index.js";
import type { StreamLayerOptions } from "../stream/index.js";
import { createWorker } from "./threads.js";
import { UsageError } from "./usage-error.js";

/** The options that say how a layer is made. */
export interface LayerFlags {
  readonly compression: "gzip" | "none";
  readonly level?: number;
  readonly threads: number | "auto";
  readonly sha256: "wasm" | "native";
  readonly json?: true;
}

/** Adds the options of {@link LayerFlags} to a command. */
export function addLayerFlags(command: Command): Command {
  return command
    .option(
      "-l, --level <N>",
      "compression level, -2 to 12: 0 stores, 1 is fast, 12 smallest (default: 1)",
      parseLevel,
    )
    .addOption(
      new Option("-c, --compression <NAME>", "how the bytes are compressed")
        .choices(["gzip", "none"])
        .default("gzip"),
    )
    .option(
      "-t, --threads <N>",
      "how many threads compress, or auto; the bytes are the same",
      parseThreads,
      1,
    )
    .addOption(
      new Option(
        "--sha256 <NAME>",
        "whose SHA-256 is used: this program's own, or the runtime's, which is faster",
      )
        .choices(["wasm", "native"])
        .default("wasm"),
    )
    .option("--json", "print the result as one JSON object");
}

/**
 * The options that a layer is made with.
 *
 * @throws {CompressionLevelError} if there is no such level
 * @throws {UsageError} if a level is given for a compression that has none
 */
export function layerOptions({ compression, level, threads, sha256 }: LayerFlags): StreamLayerOptions {
  const options = { compression, threads, sha256, createWorker };
  if (level === undefined) {
    return options;
  }
  if (compression === "none") {
    throw new UsageError("--compression none has no levels; leave --level out");
  }
  return { ...options, compressionLevel: checkCompressionLevel(level) };
}

function parseThreads(text: string): number | "auto" {
  if (text === "auto") {
    return text;
  }
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError("It must be a whole number, or auto.");
  }
  return threadCount(Number(text));
}

function parseLevel(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError("It must be a whole number.");
  }
  return Number(text);
}
