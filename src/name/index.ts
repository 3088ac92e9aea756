/** `varve/name`: names of registries, repositories, tags and digests, with docker's defaults and rewritings. */
export { Digest } from "./digest.js";
export { NameError, type NamePart } from "./name-error.js";
export { defaultRegistry, defaultTag, type NameOptions } from "./name-options.js";
export { newDigest, newRepository, newTag, parseReference } from "./parse.js";
export { Reference } from "./reference.js";
export { newRegistry, Registry } from "./registry.js";
export { Repository } from "./repository.js";
export type { Scheme } from "./scheme.js";
export { Tag } from "./tag.js";
