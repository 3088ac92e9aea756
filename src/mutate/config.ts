import type { Config, ConfigFile, Image } from "../v1/index.js";
import { timeText } from "./created.js";
import { MutatedImage } from "./image.js";

/**
 * The image, run in another way: the configuration's `config` is replaced.
 *
 * Of something whose configuration is not an image's, the values of the result reject with an `UnsupportedError`.
 */
export function config(base: Image, config: Config): Image {
  return new MutatedImage(base, { editConfig: (file) => ({ ...file, config }) });
}

/**
 * The image with another configuration. The manifest's layers stay the base's, whatever the configuration says of them.
 */
export function configFile(base: Image, configFile: ConfigFile): Image {
  return new MutatedImage(base, { configFile });
}

/**
 * The image, made at another time: the configuration's `created` is replaced.
 *
 * Of something whose configuration is not an image's, the values of the result reject with an `UnsupportedError`.
 *
 * @param created a time of RFC 3339, or a `Date`
 * @throws {TimeError} if it is none
 */
export function createdAt(base: Image, created: string | Date): Image {
  const text = timeText(created);
  return new MutatedImage(base, { editConfig: (file) => ({ ...file, created: text }) });
}
