/**
 * `varve/validate`: whether layers, images and indexes are what they say, from wherever they come. All that is wrong is told at
 * once, by name.
 */
export { image } from "./image.js";
export { index } from "./image-index.js";
export { layer } from "./layer.js";
export type { ValidateOptions, ValidateProgress } from "./options.js";
export { type ProblemName, type Stage, ValidationError, type ValidationProblem } from "./problems.js";
