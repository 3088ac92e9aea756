/** `varve/match`: predicates over descriptors, for whatever chooses among the children of an index. */
export type { Matcher } from "../partial/index.js";
export { annotation, digests, mediaTypes, name, platforms } from "./match.js";
