import { type ConfigFile, type Image, zeroTime } from "../v1/index.js";
import type { TimeOptions } from "./retimed-tar.js";
import { retimed } from "./time.js";

/**
 * The image without what differs between two builds of the same content: {@link time} with no time at all, which is 1970 in
 * layers, and without the configuration's container, hostname and version of Docker.
 */
export function canonical(image: Image, options: TimeOptions = {}): Image {
  return retimed(image, zeroTime, options, withoutBuilder);
}

function withoutBuilder({ container: _, dockerVersion: __, ...file }: ConfigFile): ConfigFile {
  const { hostname: ___, ...config } = file.config;
  return { ...file, config };
}
