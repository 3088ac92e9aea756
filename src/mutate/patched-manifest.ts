import type { WithRawManifest } from "../partial/index.js";
import { descriptorJSON } from "../v1/descriptor.js";
import { type CallOptions, type Descriptor, JSONError, type MediaType } from "../v1/index.js";
import { parseObject } from "../v1/json/read.js";
import { encodeJSON, type JSONValue, jsonMap } from "../v1/json/write.js";

/** What is to be changed in a manifest of any kind. */
export interface ManifestPatch {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Descriptor;
}

/** Manifests are flat; what is nested deeper than this is made to break parsers. */
const DEEPEST = 100;

/**
 * A manifest of any kind, with a patch that is applied whenever it is read. It keeps its media type, if it tells it.
 *
 * Reading it throws a {@link JSONError} if the base's is not a JSON object, has annotations that aren't strings, is nested
 * deeper than 100 levels, or has a number that can't be written as it was.
 */
export function patchedManifest(base: WithRawManifest, patch: ManifestPatch): WithRawManifest {
  const { mediaType } = base as { mediaType?: (options?: CallOptions) => Promise<MediaType> };
  return {
    rawManifest: async (options?: CallOptions) => applyPatch(await base.rawManifest(options), patch),
    ...(mediaType === undefined ? {} : { mediaType: mediaType.bind(base) }),
  };
}

/** The manifest's object, written anew with its names in order, as Go writes one whose fields it doesn't know. */
function applyPatch(raw: Uint8Array, { annotations, subject }: ManifestPatch): Uint8Array {
  const own = parseObject("manifest", raw).stringMap("annotations");
  const fields = JSON.parse(new TextDecoder().decode(raw)) as Record<string, unknown>;
  const kept = Object.entries(fields).map(([name, value]) => [name, toJSON(value, DEEPEST)] as const);
  return encodeJSON(
    jsonMap(
      Object.fromEntries<JSONValue>([
        ...kept,
        ...(annotations === undefined ? [] : [["annotations", jsonMap({ ...own, ...annotations })] as const]),
        ...(subject === undefined ? [] : [["subject", descriptorJSON(subject)] as const]),
      ]),
    ),
  );
}

function toJSON(value: unknown, depth: number): JSONValue {
  if (typeof value === "number" && !isExact(value)) {
    throw new JSONError(
      `invalid manifest: the number ${value} is beyond 2^53 - 1, and can't be written again as it was`,
    );
  }
  if (typeof value !== "object" || value === null) return value as string | number | boolean | null;
  if (depth === 0) throw new JSONError(`invalid manifest: it is nested deeper than ${DEEPEST} levels`);
  if (Array.isArray(value)) return value.map((each) => toJSON(each, depth - 1));
  const entries = Object.entries(value).map(([name, each]) => [name, toJSON(each, depth - 1)] as const);
  return jsonMap(Object.fromEntries<JSONValue>(entries));
}

function isExact(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}
