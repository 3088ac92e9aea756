/** Takes what may not be told out of a text that somebody else wrote. */
export type Conceal = (text: string) => string;

/** What is nested deeper is left out: no registry's answer is, and JSON's own functions give up at some depth. */
const DEEPEST = 64;

/**
 * A value as JSON has them, with its texts concealed, names of fields among them.
 *
 * @returns the value itself if there is nothing to conceal in it
 */
export function concealIn(value: unknown, conceal: Conceal, depth = 0): unknown {
  if (typeof value === "string") {
    return conceal(value);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (depth === DEEPEST) {
    return null;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => concealIn(item, conceal, depth + 1));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const fields = Object.entries(value);
  const told = fields.map(([name, field]) => [conceal(name), concealIn(field, conceal, depth + 1)] as const);
  return told.every(([name, field], index) => name === fields[index]?.[0] && field === fields[index]?.[1])
    ? value
    : Object.fromEntries(told);
}

/** Fields that an error has whether or not it lists them. */
const ERROR_FIELDS: readonly PropertyKey[] = ["name", "message", "stack", "code", "cause", "errors"];

/**
 * A failure of the runtime's, or of a `fetch` of the caller's, that tells nothing which may not be told. Deno's names the whole URL of a
 * request, Bun's keeps it in a field, and others have the request itself.
 *
 * @returns the failure itself if there is nothing to conceal in it; else an error with the same name, code and fields
 */
export function concealFailure(failure: unknown, conceal: Conceal): unknown {
  return tells(failure, conceal, new Set()) ? copyOf(failure, conceal, new Map()) : failure;
}

/** Whether anything that can be reached has something to conceal, or is of a kind that cannot be looked into. */
function tells(value: unknown, conceal: Conceal, seen: Set<unknown>): boolean {
  if (typeof value === "string") {
    return conceal(value) !== value;
  }
  if (typeof value !== "object" || value === null || seen.has(value)) {
    return false;
  }
  seen.add(value);
  return !isTransparent(value) || fieldsOf(value).some(([, field]) => tells(field, conceal, seen));
}

function copyOf(value: unknown, conceal: Conceal, copies: Map<unknown, unknown>): unknown {
  if (typeof value === "string") {
    return conceal(value);
  }
  if (typeof value === "function" || typeof value !== "object" || value === null) {
    return typeof value === "function" ? undefined : value;
  }
  if (copies.has(value) || !isTransparent(value)) {
    return copies.get(value);
  }
  const copy: object = isError(value) ? new Error() : Array.isArray(value) ? [] : {};
  copies.set(value, copy);
  for (const [name, field] of fieldsOf(value)) {
    Object.defineProperty(copy, typeof name === "string" ? conceal(name) : name, {
      value: copyOf(field, conceal, copies),
      enumerable: Object.prototype.propertyIsEnumerable.call(value, name),
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

/** Whether what an object says is in its fields; of others, such as a `Request`, nobody knows. */
function isTransparent(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return isError(value) || Array.isArray(value) || prototype === null || prototype === Object.prototype;
}

function isError(value: object): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function fieldsOf(value: object): readonly (readonly [PropertyKey, unknown])[] {
  const own = Reflect.ownKeys(value).filter((name) => !(Array.isArray(value) && name === "length"));
  const inherited = isError(value)
    ? ERROR_FIELDS.filter((name) => name in value && !Object.hasOwn(value, name))
    : [];
  return [...own, ...inherited].map((name) => [name, fieldOf(value, name)] as const);
}

/** A getter may throw. */
function fieldOf(value: object, name: PropertyKey): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}
