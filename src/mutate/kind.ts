import type { Image, ImageIndex, Layer } from "../v1/index.js";

/** Whether it has the methods that only an index has. */
export function isImageIndex(value: object): value is ImageIndex {
  return has(value, "indexManifest") && has(value, "imageIndex");
}

/** Whether it has the methods that only an image has. */
export function isImage(value: object): value is Image {
  return has(value, "manifest") && has(value, "layers") && has(value, "rawConfigFile");
}

/** Whether it has the methods that only a layer has. */
export function isLayer(value: object): value is Layer {
  return has(value, "compressed") && has(value, "diffID");
}

function has(value: object, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[method] === "function";
}
