/** `varve/compare`: whether two layers, images or indexes are the same, and if not, in what they differ. */
export { type Difference, DifferentError } from "./difference.js";
export { images } from "./images.js";
export { indexes } from "./indexes.js";
export { layers } from "./layers.js";
