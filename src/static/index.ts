/** `varve/static`: layers over bytes that are at hand. */
export { newLayer } from "./layer.js";
