import { exists } from "../partial/index.js";
import { isLayer, type Layer } from "../v1/index.js";
import { hashedAsStated, type LayerContent, readLayer, readOpaque, readUncompressed } from "./content.js";
import type { ValidateOptions } from "./options.js";
import { Problems } from "./problems.js";
import type { Report } from "./report.js";

/**
 * Validates a layer: its digest, its size and its diffID must be those of its bytes, and these a tar in which no path is there
 * twice. It is read once, and once more for each hash that it states by another algorithm than SHA-256; a streaming layer is
 * consumed by it, and asked for its values afterwards.
 *
 * @throws {ValidationError} with all that is wrong
 * @throws the signal's reason, if it is aborted
 */
export async function layer(layer: Layer, options: ValidateOptions = {}): Promise<void> {
  const problems = new Problems(options.signal);
  const report = { problems, where: "layer", onBytes: progressOf(options) };
  if (options.fast) await checkExists(layer, report, options);
  else await checkLayer(layer, report, options);
  problems.throwIfAny("layer");
}

/** Reads a layer and holds its own values to what was read, which is returned. */
export async function checkLayer(
  layer: Layer,
  report: Report,
  options: ValidateOptions,
): Promise<LayerContent | undefined> {
  const { problems, where } = report;
  const mediaType = await problems.ask(where, "mediaType()", () => layer.mediaType(options));
  const isTar = mediaType === undefined || isLayer(mediaType);
  const content = await (isTar ? readLayer : readOpaque)(layer, report, options);
  if (content === undefined) return undefined;
  if (options.uncompressed && content.diffID !== undefined) {
    problems.compare(
      "mismatched-diff-id",
      where,
      ["that of uncompressed()", await readUncompressed(layer, report, options)],
      ["that of the uncompressed bytes", content.diffID],
    );
  }
  const digest = await problems.ask(where, "digest()", () => layer.digest(options));
  const size = await problems.ask(where, "size()", () => layer.size(options));
  const diffID = content.diffID && (await problems.ask(where, "diffID()", () => layer.diffID(options)));
  const found = await hashedAsStated(layer, content, { digest, diffID }, report, options);
  problems.compare(
    "mismatched-digest",
    where,
    ["digest()", digest],
    ["that of the compressed bytes", found?.digest],
  );
  problems.compare(
    "mismatched-size",
    where,
    ["size()", size],
    ["the number of compressed bytes", content.size],
  );
  problems.compare(
    "mismatched-diff-id",
    where,
    ["diffID()", diffID],
    ["that of the uncompressed bytes", found?.diffID],
  );
  return found;
}

/** Asks whether a layer's bytes are there. A streaming layer is not asked, for that would begin it. */
export async function checkExists(
  layer: Layer,
  { problems, where }: Report,
  options: ValidateOptions,
): Promise<void> {
  const digest = await problems.ask(where, "digest()", () => layer.digest(options));
  if (digest === undefined) return;
  const isThere = await problems.ask(where, "exists()", () => exists(layer, options));
  if (isThere === false) problems.add("missing", where, `the layer ${digest} does not exist`);
}

/** Sums up what is read. */
export function progressOf({ onProgress }: ValidateOptions): (bytes: number) => void {
  let complete = 0;
  return (bytes) => {
    complete += bytes;
    onProgress?.({ complete });
  };
}
