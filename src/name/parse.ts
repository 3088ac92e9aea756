import { quote } from "../v1/quote.js";
import { Digest } from "./digest.js";
import { checkTag } from "./element.js";
import { NameError } from "./name-error.js";
import { defaultTag, type NameOptions } from "./name-options.js";
import { newRegistry } from "./registry.js";
import { IMPLICIT_NAMESPACE, Repository } from "./repository.js";
import { Tag } from "./tag.js";

/**
 * Reads the name of a repository: `[registry/]path`. The first component is a registry if it is `localhost`
 * or has a `.` or a `:`, and another component follows.
 *
 * @throws {NameError} if registry or path is not valid; in strict mode, also if the registry, or Docker Hub's
 *   `library/`, is missing
 */
export function newRepository(name: string, options: NameOptions = {}): Repository {
  if (name === "") {
    throw new NameError("repository", "the repository is missing: give a name such as gcr.io/project/image");
  }
  const [registry, path] = splitRegistry(name);
  const repository = new Repository(newRegistry(registry, options), path);
  if (options.strict === true && repository.hasImplicitNamespace()) {
    throw new NameError(
      "repository",
      `the namespace of ${quote(name)} is missing: strict names give it explicitly, as ${IMPLICIT_NAMESPACE}/${path}`,
    );
  }
  return repository;
}

/**
 * Reads a reference by tag: `[registry/]path[:tag]`. A tag begins after the last `:` that no `/` follows.
 *
 * @throws {NameError} if a part is not valid, which an empty tag is not; in strict mode, also if anything is
 *   left to be filled in
 */
export function newTag(name: string, options: NameOptions = {}): Tag {
  const [base, tag] = splitTag(name);
  if (tag === undefined && options.strict === true) {
    throw new NameError(
      "tag",
      `the tag of ${quote(name)} is missing: strict names give it explicitly, as :${defaultTag}`,
    );
  }
  return new Tag(newRepository(base, options), tag ?? options.defaultTag ?? defaultTag, name);
}

/**
 * Reads a reference by digest: `[registry/]path[:tag]@digest`. The tag must be valid, and survives in the
 * original text only.
 *
 * @throws {NameError} if there is not exactly one `@`, or a part is not valid; in strict mode, also if the
 *   registry, or Docker Hub's `library/`, is missing
 */
export function newDigest(name: string, options: NameOptions = {}): Digest {
  const parts = name.split("@");
  const [tagged, digest] = parts;
  if (parts.length !== 2 || tagged === undefined || digest === undefined) {
    throw new NameError(
      "digest",
      `${quote(name)} has ${parts.length - 1} "@"; a reference by digest has exactly one, as in registry/repository@sha256:e3b0c442...`,
    );
  }
  const [base, tag] = splitTag(tagged);
  if (tag !== undefined) {
    checkTag(tag);
  }
  return new Digest(newRepository(base, options), digest, name);
}

/**
 * Reads a reference by tag or by digest; one that has both is by digest.
 *
 * @throws {NameError} as {@link newTag} and {@link newDigest} do
 */
export function parseReference(text: string, options: NameOptions = {}): Tag | Digest {
  return text.includes("@") ? newDigest(text, options) : newTag(text, options);
}

function splitRegistry(name: string): [registry: string, path: string] {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  return first === "localhost" || /[.:]/.test(first) ? [first, name.slice(slash + 1)] : ["", name];
}

function splitTag(name: string): [base: string, tag: string | undefined] {
  const colon = name.lastIndexOf(":");
  return colon === -1 || name.includes("/", colon)
    ? [name, undefined]
    : [name.slice(0, colon), name.slice(colon + 1)];
}
