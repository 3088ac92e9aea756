import { canonicalTime, zeroTime } from "./created.js";
import type { Hash } from "./hash.js";
import { type JSONObject, parseObject } from "./json/read.js";
import { encodeJSON, JSONFields } from "./json/write.js";
import type { Platform } from "./platform.js";
import { type Config, configJSON, readConfig } from "./runtime-config.js";

/** How one layer came to be, or what was done without making one. */
export interface History {
  readonly author?: string;
  /** RFC 3339; absent is written as {@link zeroTime}. */
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** Whether it made no layer. */
  readonly emptyLayer?: boolean;
}

/** The layers of an image by their uncompressed content. */
export interface RootFS {
  /** `"layers"`. */
  readonly type: string;
  /** From the bottom layer to the top. Absent is written as null, which is not what an empty list is written as. */
  readonly diffIDs?: readonly Hash[];
}

/**
 * What an image is besides its layers, and how it is run (OCI image-spec, config.md; Docker's image JSON). Fields are in
 * the order in which they are written. Absent optional fields are not written, but for `created`.
 */
export interface ConfigFile {
  /** The CPU, by Go's name of it, such as `"amd64"`. */
  readonly architecture: string;
  readonly author?: string;
  readonly container?: string;
  /** RFC 3339; absent is written as {@link zeroTime}. */
  readonly created?: string;
  /** `docker_version` in JSON. */
  readonly dockerVersion?: string;
  /** From the bottom layer's to the top's. */
  readonly history?: readonly History[];
  /** The operating system, by Go's name of it, such as `"linux"`. */
  readonly os: string;
  readonly rootfs: RootFS;
  readonly config: Config;
  /** `os.version` in JSON. */
  readonly osVersion?: string;
  /** The CPU's variant, such as `"v8"`. */
  readonly variant?: string;
  /** `os.features` in JSON. */
  readonly osFeatures?: readonly string[];
}

/**
 * Parses an image's configuration. Fields that are not known are passed over.
 *
 * @throws {JSONError} if it is not a JSON object, or a field is not what it should be
 */
export function parseConfigFile(bytes: Uint8Array): ConfigFile {
  const object = parseObject("image configuration", bytes);
  const rootfs = object.object("rootfs");
  const diffIDs = rootfs?.hashes("diff_ids");
  const history = object.objects("history");
  const config = object.object("config");
  const osFeatures = object.strings("os.features");
  return {
    architecture: object.string("architecture") ?? "",
    ...text(object, "author", "author"),
    ...text(object, "container", "container"),
    ...time(object),
    ...text(object, "docker_version", "dockerVersion"),
    ...(history?.length ? { history: history.map(readHistory) } : {}),
    os: object.string("os") ?? "",
    rootfs: { type: rootfs?.string("type") ?? "", ...(diffIDs ? { diffIDs } : {}) },
    config: config ? readConfig(config) : {},
    ...text(object, "os.version", "osVersion"),
    ...text(object, "variant", "variant"),
    ...(osFeatures?.length ? { osFeatures } : {}),
  };
}

/** The configuration as Go writes it, byte for byte. */
export function encodeConfigFile(file: ConfigFile): Uint8Array<ArrayBuffer> {
  const { history, osFeatures } = file;
  return encodeJSON(
    new JSONFields(
      ["architecture", file.architecture],
      ["author", file.author || undefined],
      ["container", file.container || undefined],
      ["created", file.created ?? zeroTime],
      ["docker_version", file.dockerVersion || undefined],
      ["history", history?.length ? history.map(historyJSON) : undefined],
      ["os", file.os],
      [
        "rootfs",
        new JSONFields(["type", file.rootfs.type], ["diff_ids", file.rootfs.diffIDs?.map(String) ?? null]),
      ],
      ["config", configJSON(file.config)],
      ["os.version", file.osVersion || undefined],
      ["variant", file.variant || undefined],
      ["os.features", osFeatures?.length ? osFeatures : undefined],
    ),
  );
}

/** The platform that a configuration is for. */
export function configPlatform(file: ConfigFile): Platform {
  const { architecture, os, osVersion, osFeatures, variant } = file;
  return {
    architecture,
    os,
    ...(osVersion ? { osVersion } : {}),
    ...(osFeatures?.length ? { osFeatures } : {}),
    ...(variant ? { variant } : {}),
  };
}

function readHistory(object: JSONObject): History {
  return {
    ...text(object, "author", "author"),
    ...time(object),
    ...text(object, "created_by", "createdBy"),
    ...text(object, "comment", "comment"),
    ...(object.boolean("empty_layer") ? { emptyLayer: true } : {}),
  };
}

function historyJSON(history: History): JSONFields {
  return new JSONFields(
    ["author", history.author || undefined],
    ["created", history.created ?? zeroTime],
    ["created_by", history.createdBy || undefined],
    ["comment", history.comment || undefined],
    ["empty_layer", history.emptyLayer || undefined],
  );
}

/** One optional text under its name here; an empty one counts as absent. */
function text<const Field extends string>(
  object: JSONObject,
  name: string,
  field: Field,
): Partial<Readonly<Record<Field, string>>> {
  const value = object.string(name);
  return (value ? { [field]: value } : {}) as Partial<Readonly<Record<Field, string>>>;
}

function time(object: JSONObject): { readonly created?: string } {
  const created = object.string("created");
  if (created === undefined) return {};
  const canonical = canonicalTime(created);
  if (canonical === undefined) throw object.refuse("created", "is not a time of RFC 3339");
  return canonical === zeroTime ? {} : { created: canonical };
}
