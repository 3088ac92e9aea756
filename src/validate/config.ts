import { hashOf, sameBytes } from "../bytes/index.js";
import {
  type ConfigFile,
  encodeConfigFile,
  type Hash,
  type Image,
  isConfig,
  type Manifest,
  parseConfigFile,
} from "../v1/index.js";
import { quote } from "../v1/quote.js";
import type { ValidateOptions } from "./options.js";
import type { Problems, Stated } from "./problems.js";

const WHERE = "config";

/**
 * Holds what an image and its manifest say of the configuration to its bytes.
 *
 * @returns the diffIDs that these list; undefined if it is no image's configuration, or can't be had
 */
export async function checkConfig(
  image: Image,
  manifest: Manifest | undefined,
  problems: Problems,
  options: ValidateOptions,
): Promise<readonly Hash[] | undefined> {
  const raw = await problems.ask(WHERE, "rawConfigFile()", () => image.rawConfigFile(options));
  if (raw === undefined) return undefined;
  const found = async (by: Hash | undefined): Promise<Stated> => [
    "that of rawConfigFile()",
    await hashOf(raw, by?.algorithm),
  ];
  const name = await problems.ask(WHERE, "configName()", () => image.configName(options));
  problems.compare("mismatched-digest", WHERE, ["configName()", name], await found(name));
  problems.compare(
    "mismatched-digest",
    WHERE,
    ["the digest in the manifest", manifest?.config.digest],
    await found(manifest?.config.digest),
  );
  problems.compare(
    "mismatched-size",
    WHERE,
    ["the size in the manifest", manifest?.config.size],
    ["the number of its bytes", raw.length],
  );
  if (manifest !== undefined && !isConfig(manifest.config.mediaType)) return undefined;
  const config = await problems.ask(WHERE, "parsing it", async () => parseConfigFile(raw));
  const given = await problems.ask(WHERE, "configFile()", () => image.configFile(options));
  if (config === undefined) return undefined;
  checkContent(config, given, problems);
  return config.rootfs.diffIDs ?? [];
}

function checkContent(config: ConfigFile, given: ConfigFile | undefined, problems: Problems): void {
  if (given !== undefined && !sameBytes(encodeConfigFile(given), encodeConfigFile(config))) {
    problems.add("mismatched-content", WHERE, "configFile() is not what rawConfigFile() says");
  }
  if (config.rootfs.type !== "layers") {
    problems.add(
      "invalid-rootfs",
      WHERE,
      `rootfs.type is ${quote(config.rootfs.type)}, and must be "layers"`,
    );
  }
}
