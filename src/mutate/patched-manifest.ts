import type { WithRawManifest } from "../partial/index.js";
import { descriptorJSON } from "../v1/descriptor.js";
import type { CallOptions, Descriptor, MediaType } from "../v1/index.js";
import { parseObject } from "../v1/json/read.js";
import { checkRewritable } from "../v1/json/rewritable.js";
import { encodeJSON, type JSONValue, jsonMap } from "../v1/json/write.js";

/** What is to be changed in a manifest of any kind. */
export interface ManifestPatch {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Descriptor;
}

/**
 * A manifest of any kind, with a patch that is applied whenever it is read. It keeps its media type, if it tells it.
 *
 * Reading it throws a `JSONError` if the base's is not a JSON object, has annotations that aren't strings, is nested
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
  checkRewritable("manifest", fields);
  const kept = Object.entries(fields).map(([name, value]) => [name, toJSON(value)] as const);
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

function toJSON(value: unknown): JSONValue {
  if (typeof value !== "object" || value === null) return value as string | number | boolean | null;
  if (Array.isArray(value)) return value.map(toJSON);
  const entries = Object.entries(value).map(([name, each]) => [name, toJSON(each)] as const);
  return jsonMap(Object.fromEntries<JSONValue>(entries));
}
