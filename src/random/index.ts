/**
 * `varve/random`: images of random bytes, for tests. The generator is xoshiro128**, seeded by splitmix32, so that the same
 * seed gives the same bytes on every runtime.
 */
export { image } from "./image.js";
export { index } from "./image-index.js";
export { layer } from "./layer.js";
export { RandomError, type RandomOptions, type RandomSource } from "./options.js";
