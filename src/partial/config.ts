import { hashOf, unlessAborted } from "../bytes/index.js";
import {
  type CallOptions,
  type ConfigFile,
  encodeConfigFile,
  type Hash,
  parseConfigFile,
} from "../v1/index.js";
import type { WithConfigFile, WithRawConfigFile } from "./interfaces.js";

/** Parses an image's configuration. @throws {JSONError} if it is none */
export async function configFile(image: WithRawConfigFile, options?: CallOptions): Promise<ConfigFile> {
  return parseConfigFile(await unlessAborted(options?.signal, image.rawConfigFile(options)));
}

/** The SHA-256 of an image's configuration: the image's ID. */
export async function configName(image: WithRawConfigFile, options?: CallOptions): Promise<Hash> {
  return hashOf(await unlessAborted(options?.signal, image.rawConfigFile(options)));
}

/** An image's configuration as Go writes it. */
export async function rawConfigFile(
  image: WithConfigFile,
  options?: CallOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return encodeConfigFile(await unlessAborted(options?.signal, image.configFile(options)));
}

/** The hashes of an image's uncompressed layers, from the bottom to the top. */
export async function diffIDs(image: WithConfigFile, options?: CallOptions): Promise<readonly Hash[]> {
  const { rootfs } = await unlessAborted(options?.signal, image.configFile(options));
  return rootfs.diffIDs ?? [];
}
