/**
 * What kind of name something is, by its shape and not by its class: a program may have several copies of this package, and what one of
 * them has made is given to another.
 */
import type { Digest } from "./digest.js";
import type { Reference } from "./reference.js";
import type { Registry } from "./registry.js";
import type { Repository } from "./repository.js";
import type { Tag } from "./tag.js";

/** Whether something is a reference, whatever it names its manifest by. */
export function isReference(value: unknown): value is Reference {
  return has(value, "context") && has(value, "identifier");
}

/** Whether a reference names its manifest by content. */
export function isDigest(reference: Reference): reference is Digest {
  return has(reference, "digest");
}

/** Whether a reference names its manifest by a tag. */
export function isTag(reference: Reference): reference is Tag {
  return has(reference, "tagStr");
}

/** Whether a name is that of a registry, and not of a repository in one. */
export function isRegistry(name: Registry | Repository): name is Registry {
  return !("registry" in name);
}

function has(value: unknown, method: string): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function";
}
