import type { JSONObject } from "./json/read.js";
import { JSONFields, type JSONValue, jsonMap, unlessEmpty } from "./json/write.js";

/** A set of names, as Go's `map[string]struct{}` is in JSON: `{"8080/tcp":{}}`. */
export type NameSet = Readonly<Record<string, Readonly<Record<string, never>>>>;

/** How a container is checked for being well. Times are in nanoseconds. */
export interface HealthConfig {
  readonly test?: readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly retries?: number;
}

/**
 * How a container of the image is run (OCI image-spec, config.md, `config`, and what Docker has besides). In JSON the
 * names begin with a capital letter. Fields are in the order in which they are written.
 */
export interface Config {
  readonly attachStderr?: boolean;
  readonly attachStdin?: boolean;
  readonly attachStdout?: boolean;
  readonly cmd?: readonly string[];
  readonly healthcheck?: HealthConfig;
  readonly domainname?: string;
  readonly entrypoint?: readonly string[];
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly hostname?: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly onBuild?: readonly string[];
  readonly openStdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  readonly user?: string;
  readonly volumes?: NameSet;
  readonly workingDir?: string;
  /** `PORT/PROTOCOL`. */
  readonly exposedPorts?: NameSet;
  readonly argsEscaped?: boolean;
  readonly networkDisabled?: boolean;
  readonly macAddress?: string;
  readonly stopSignal?: string;
  readonly shell?: readonly string[];
}

type Kind = "flag" | "text" | "texts" | "names" | "labels" | "health";

/** The fields in the order in which they are written, with what each is. */
const FIELDS: readonly (readonly [field: keyof Config, kind: Kind])[] = [
  ["attachStderr", "flag"],
  ["attachStdin", "flag"],
  ["attachStdout", "flag"],
  ["cmd", "texts"],
  ["healthcheck", "health"],
  ["domainname", "text"],
  ["entrypoint", "texts"],
  ["env", "texts"],
  ["hostname", "text"],
  ["image", "text"],
  ["labels", "labels"],
  ["onBuild", "texts"],
  ["openStdin", "flag"],
  ["stdinOnce", "flag"],
  ["tty", "flag"],
  ["user", "text"],
  ["volumes", "names"],
  ["workingDir", "text"],
  ["exposedPorts", "names"],
  ["argsEscaped", "flag"],
  ["networkDisabled", "flag"],
  ["macAddress", "text"],
  ["stopSignal", "text"],
  ["shell", "texts"],
];

const DURATIONS = ["interval", "timeout", "startPeriod", "retries"] as const;

/** A set of the names, in their order. */
export function nameSet(names: Iterable<string>): NameSet {
  return Object.fromEntries([...names].map((name) => [name, {}]));
}

/** @throws {JSONError} if a field is of another type */
export function readConfig(object: JSONObject): Config {
  return Object.fromEntries(
    FIELDS.flatMap(([field, kind]) => {
      const value = READERS[kind](object, capitalised(field));
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

export function configJSON(config: Config): JSONFields {
  return new JSONFields(
    ...FIELDS.map(([field, kind]) => [capitalised(field), WRITERS[kind](config[field] as never)] as const),
  );
}

const READERS: Readonly<Record<Kind, (object: JSONObject, name: string) => unknown>> = {
  flag: (object, name) => object.boolean(name) || undefined,
  text: (object, name) => object.string(name) || undefined,
  texts: (object, name) => unlessNone(object.strings(name)),
  names: (object, name) => {
    const names = unlessNone(object.keys(name));
    return names && nameSet(names);
  },
  labels: (object, name) => unlessEmpty(object.stringMap(name)),
  health: (object, name) => {
    const health = object.object(name);
    return health && readHealth(health);
  },
};

const WRITERS: Readonly<Record<Kind, (value: never) => JSONValue | undefined>> = {
  flag: (value: boolean | undefined) => value || undefined,
  text: (value: string | undefined) => value || undefined,
  texts: unlessNone,
  names: (value: NameSet | undefined) => {
    const names = unlessEmpty(value);
    return names && jsonMap(Object.fromEntries(Object.keys(names).map((name) => [name, new JSONFields()])));
  },
  labels: (value: Readonly<Record<string, string>> | undefined) => {
    const labels = unlessEmpty(value);
    return labels && jsonMap(labels);
  },
  health: (value: HealthConfig | undefined) => value && healthJSON(value),
};

function readHealth(object: JSONObject): HealthConfig {
  const test = unlessNone(object.strings("Test"));
  const numbers = DURATIONS.flatMap((field) => {
    const value = object.integer(capitalised(field));
    return value ? [[field, value]] : [];
  });
  return { ...(test ? { test } : {}), ...Object.fromEntries(numbers) };
}

function healthJSON(health: HealthConfig): JSONFields {
  return new JSONFields(
    ["Test", unlessNone(health.test)],
    ...DURATIONS.map((field) => [capitalised(field), health[field] || undefined] as const),
  );
}

function unlessNone(list: readonly string[] | undefined): readonly string[] | undefined {
  return list?.length ? list : undefined;
}

function capitalised(field: string): string {
  return `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}
