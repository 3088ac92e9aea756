/**
 * `varve`: any byte stream becomes a container-image layer in one pass, and goes where images live. Each namespace is also a module of its own,
 * such as `varve/stream`; what needs Node is in `varve/node`.
 */
export * as authn from "./authn/index.js";
export * as core from "./core/index.js";
export * as name from "./name/index.js";
export * as registry from "./registry/index.js";
export * as remote from "./remote/index.js";
export * as stream from "./stream/index.js";
export * as v1 from "./v1/index.js";
