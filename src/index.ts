/**
 * `varve`: any byte stream becomes a container-image layer in one pass, and goes where images live. Each namespace is also a module of its own,
 * such as `varve/stream`; what needs Node is in `varve/node`. Words that the language keeps for itself have a suffix: {@link staticLayer} is `varve/static`.
 */
export * as authn from "./authn/index.js";
export * as cache from "./cache/index.js";
export * as compare from "./compare/index.js";
export * as core from "./core/index.js";
export * as empty from "./empty/index.js";
export * as layout from "./layout/index.js";
export * as match from "./match/index.js";
export * as mutate from "./mutate/index.js";
export * as name from "./name/index.js";
export * as partial from "./partial/index.js";
export * as random from "./random/index.js";
export * as registry from "./registry/index.js";
export * as remote from "./remote/index.js";
export * as staticLayer from "./static/index.js";
export * as stream from "./stream/index.js";
export * as tarball from "./tarball/index.js";
export * as v1 from "./v1/index.js";
export * as validate from "./validate/index.js";
