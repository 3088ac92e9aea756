/** `varve/empty`: an image without layers and an index without images, to begin with. */
export { image } from "./image.js";
export { index } from "./image-index.js";
