import { VarveError } from "../core/error.js";
import type { JSONObject } from "./json/read.js";
import { JSONFields } from "./json/write.js";
import { quote } from "./quote.js";

/**
 * The machine that an image runs on (OCI image-spec, image-index.md, `platform`). Fields are in the order in
 * which manifests write them.
 */
export interface Platform {
  /** The CPU, by Go's name of it, such as `"amd64"`. */
  readonly architecture: string;
  /** The operating system, by Go's name of it, such as `"linux"`. */
  readonly os: string;
  /** `os.version` in JSON, such as `"10.0.14393.1066"`. */
  readonly osVersion?: string;
  /** `os.features` in JSON, such as `["win32k"]`. */
  readonly osFeatures?: readonly string[];
  /** The CPU's variant, such as `"v8"`. */
  readonly variant?: string;
  /** CPU features; reserved by the specification. */
  readonly features?: readonly string[];
}

/** Text that names no platform. Its `code` is `ERR_VARVE_PLATFORM`. */
export class PlatformError extends VarveError {
  override readonly name = "PlatformError";

  constructor(text: string) {
    super(
      "ERR_VARVE_PLATFORM",
      `cannot parse platform ${quote(text)}: expected os[/architecture[/variant]][:osversion], such as linux/arm64/v8`,
    );
  }
}

/**
 * Parses `os[/architecture[/variant]][:osversion]`, with white space around it or without. What is not given is empty or
 * absent, and matches anything in {@link platformSatisfies}.
 *
 * @throws {PlatformError} if it has more than three parts, or more than one colon
 */
export function parsePlatform(text: string): Platform {
  const [path = "", osVersion, ...more] = text.trim().split(":");
  const [os = "", architecture = "", variant, ...deeper] = path.split("/");
  if (more.length > 0 || deeper.length > 0) throw new PlatformError(text);
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/** The form that {@link parsePlatform} reads; features have no place in it. Empty if there is no operating system. */
export function platformString(platform: Platform): string {
  if (platform.os === "") return "";
  const parts = [platform.os, platform.architecture, platform.variant ?? ""];
  while (parts.at(-1) === "") parts.pop();
  const { osVersion = "" } = platform;
  return `${parts.join("/")}${osVersion === "" ? "" : `:${osVersion}`}`;
}

/** Whether both are the same platform; the order of features says nothing. */
export function platformEquals(a: Platform, b: Platform): boolean {
  return (
    FIELDS.every((field) => (a[field] ?? "") === (b[field] ?? "")) &&
    FEATURES.every((field) => sameSet(a[field] ?? [], b[field] ?? []))
  );
}

/** Whether what runs on `spec` may be `platform`: each field that `spec` gives is the same, and each feature is there. */
export function platformSatisfies(platform: Platform, spec: Platform): boolean {
  return (
    FIELDS.every((field) => (spec[field] ?? "") === "" || platform[field] === spec[field]) &&
    FEATURES.every((field) => (spec[field] ?? []).every((each) => platform[field]?.includes(each)))
  );
}

/** @throws {JSONError} if a field is of another type */
export function readPlatform(object: JSONObject): Platform {
  const osVersion = object.string("os.version");
  const osFeatures = object.strings("os.features");
  const variant = object.string("variant");
  const features = object.strings("features");
  return {
    architecture: object.string("architecture") ?? "",
    os: object.string("os") ?? "",
    ...(osVersion ? { osVersion } : {}),
    ...(osFeatures?.length ? { osFeatures } : {}),
    ...(variant ? { variant } : {}),
    ...(features?.length ? { features } : {}),
  };
}

export function platformJSON(platform: Platform): JSONFields {
  return new JSONFields(
    ["architecture", platform.architecture],
    ["os", platform.os],
    ["os.version", platform.osVersion || undefined],
    ["os.features", platform.osFeatures?.length ? platform.osFeatures : undefined],
    ["variant", platform.variant || undefined],
    ["features", platform.features?.length ? platform.features : undefined],
  );
}

const FIELDS = ["os", "architecture", "variant", "osVersion"] as const;
const FEATURES = ["osFeatures", "features"] as const;

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const sorted = [...b].sort();
  return a.length === b.length && [...a].sort().every((each, index) => each === sorted[index]);
}
