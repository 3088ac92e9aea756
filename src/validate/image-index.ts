import { sameBytes, unlessAborted } from "../bytes/index.js";
import { type Describable, optionalMethod } from "../partial/index.js";
import {
  configPlatform,
  type Descriptor,
  encodeIndexManifest,
  type Image,
  type ImageIndex,
  type IndexManifest,
  isConfig,
  isImage,
  isIndex,
  type Layer,
  type Platform,
  parseIndexManifest,
  platformString,
} from "../v1/index.js";
import { quote } from "../v1/quote.js";
import { checkImage } from "./image.js";
import { checkExists, checkLayer, progressOf } from "./layer.js";
import { checkBytes, checkMediaType } from "./manifest.js";
import type { ValidateOptions } from "./options.js";
import { Problems } from "./problems.js";

/**
 * Validates an index: that it says of itself what is so, each image and each index in it as a whole, and that these are what the
 * index says of them: digest, size, media type, and platform. Other blobs are validated if the index can open them, by a
 * method `layer`; and an image that it lists more than once, once.
 *
 * @throws {ValidationError} with all that is wrong
 * @throws the signal's reason, if it is aborted
 */
export async function index(index: ImageIndex, options: ValidateOptions = {}): Promise<void> {
  const problems = new Problems(options.signal, "index");
  await new IndexCheck(options).check(index, problems);
  problems.throwIfAny("index");
}

/** One validation of an index and of what is in it. */
class IndexCheck {
  readonly #options: ValidateOptions;
  readonly #onBytes: (bytes: number) => void;
  /** What has been validated. An index that claims to contain itself has an end, too. */
  readonly #seen = new Set<string | Describable>();

  constructor(options: ValidateOptions) {
    this.#options = options;
    this.#onBytes = progressOf(options);
  }

  /** Children come first, as layers do in images: before streaming ones are read, there may be no manifest. */
  async check(index: ImageIndex, problems: Problems): Promise<void> {
    const own = optionalMethod(index, "manifests");
    const opened = own && (await problems.ask("index", "manifests()", () => own(this.#options)));
    for (const [position, child] of (opened ?? []).entries()) {
      if (this.#seen.has(child) || this.#seen.has(await this.#keyOf(child))) continue;
      this.#seen.add(child);
      await this.#checkChild(child, problems.in("children").below(at(position)));
      this.#seen.add(await this.#keyOf(child));
    }
    const manifest = await this.#checkManifest(index, problems.in("index"));
    const listed = manifest?.manifests ?? [];
    if (opened !== undefined && manifest !== undefined) {
      problems.compare(
        "mismatched-count",
        "index",
        ["the number of manifests()", opened.length],
        ["that of those listed", listed.length],
      );
    }
    for (const [position, descriptor] of listed.entries()) {
      const about = problems.in("children");
      const child =
        opened === undefined ? await this.#open(index, descriptor, position, about) : opened[position];
      if (child === undefined) continue;
      await this.#checkDescribed(child, descriptor, position, about);
      const digest = String(descriptor.digest);
      if (opened !== undefined || this.#seen.has(digest)) continue;
      this.#seen.add(digest);
      await this.#checkChild(child, about.below(at(position)));
    }
  }

  async #checkManifest(index: ImageIndex, problems: Problems): Promise<IndexManifest | undefined> {
    const where = "index";
    const options = this.#options;
    const raw = await problems.ask(where, "rawManifest()", () => index.rawManifest(options));
    if (raw === undefined) return undefined;
    await checkBytes(index, raw, where, problems, options);
    const manifest = await problems.ask(where, "parsing it", async () => parseIndexManifest(raw));
    const given = await problems.ask(where, "indexManifest()", () => index.indexManifest(options));
    if (manifest === undefined) return undefined;
    if (given !== undefined && !sameBytes(encodeIndexManifest(given), encodeIndexManifest(manifest))) {
      problems.add("mismatched-content", where, "indexManifest() is not what rawManifest() says");
    }
    const mediaType = await problems.ask(where, "mediaType()", () => index.mediaType(options));
    checkMediaType(mediaType, manifest.mediaType, where, problems);
    return manifest;
  }

  /**
   * What tells a child of an index's own `manifests()` from others, however often it is opened: its kind and its digest, or, as long
   * as that can't be had, whatever keeps it from being had, itself.
   */
  async #keyOf(child: Describable): Promise<string | Describable> {
    const { signal } = this.#options;
    try {
      const digest = await unlessAborted(signal, child.digest(this.#options));
      return `${isAnIndex(child) ? "index" : "child"} ${digest}`;
    } catch {
      signal?.throwIfAborted();
      return child;
    }
  }

  /** Opens what an index lists; undefined if it can't, which is a problem where it should. */
  async #open(
    index: ImageIndex,
    { mediaType, digest }: Descriptor,
    position: number,
    problems: Problems,
  ): Promise<Describable | undefined> {
    const options = this.#options;
    const ask = <T>(name: string, call: () => Promise<T>): Promise<T | undefined> =>
      problems.ask(at(position), `${name}(${digest})`, call);
    if (isImage(mediaType)) return ask("image", () => index.image(digest, options));
    if (isIndex(mediaType)) return ask("imageIndex", () => index.imageIndex(digest, options));
    const layer = optionalMethod(index, "layer");
    return layer && ask("layer", () => layer(digest, options));
  }

  async #checkChild(child: Describable, problems: Problems): Promise<void> {
    if (isAnImage(child)) {
      await checkImage(child, problems, this.#options, this.#onBytes);
    } else if (isAnIndex(child)) {
      await this.check(child, problems);
    } else if (isALayer(child)) {
      const report = { problems, where: "layer", onBytes: this.#onBytes };
      if (this.#options.fast) await checkExists(child, report, this.#options);
      else await checkLayer(child, report, this.#options);
    }
  }

  /** Holds a child to what the index says of it. */
  async #checkDescribed(
    child: Describable,
    listed: Descriptor,
    position: number,
    problems: Problems,
  ): Promise<void> {
    const options = this.#options;
    const where = at(position);
    const digest = await problems.ask(where, "digest()", () => child.digest(options));
    const size = await problems.ask(where, "size()", () => child.size(options));
    const mediaType = await problems.ask(where, "mediaType()", () => child.mediaType(options));
    problems.compare(
      "mismatched-digest",
      where,
      ["the digest in the index", listed.digest],
      ["that of the child", digest],
    );
    problems.compare(
      "mismatched-size",
      where,
      ["the size in the index", listed.size],
      ["that of the child", size],
    );
    problems.compare(
      "mismatched-media-type",
      where,
      ["the media type in the index", quote(listed.mediaType)],
      ["that of the child", mediaType && quote(mediaType)],
    );
    if (listed.platform !== undefined && isAnImage(child)) {
      await this.#checkPlatform(child, listed.platform, where, problems);
    }
  }

  /** The configuration of what is no image says nothing of a platform. */
  async #checkPlatform(child: Image, listed: Platform, where: string, problems: Problems): Promise<void> {
    const options = this.#options;
    const manifest = await problems.ask(where, "manifest()", () => child.manifest(options));
    if (manifest === undefined || !isConfig(manifest.config.mediaType)) return;
    const config = await problems.ask(where, "configFile()", () => child.configFile(options));
    if (config === undefined) return;
    const own = configPlatform(config);
    if (!agree(listed, own)) {
      problems.add(
        "mismatched-platform",
        where,
        `the platform in the index is ${told(listed)}, that of the configuration ${told(own)}`,
      );
    }
  }
}

/** Whether both may be the same machine: configurations often leave out what isn't needed to tell it apart. */
function agree(listed: Platform, own: Platform): boolean {
  const sameVariant = !listed.variant || !own.variant || listed.variant === own.variant;
  const sameVersion = !listed.osVersion || !own.osVersion || listed.osVersion === own.osVersion;
  const isSame = listed.os === own.os && listed.architecture === own.architecture;
  return isSame && sameVariant && sameVersion;
}

function told(platform: Platform): string {
  return quote(platformString(platform));
}

function at(position: number): string {
  return `manifests[${position}]`;
}

function isAnImage(child: Describable): child is Image {
  return has(child, "configFile");
}

function isAnIndex(child: Describable): child is ImageIndex {
  return has(child, "indexManifest");
}

function isALayer(child: Describable): child is Layer {
  return has(child, "compressed");
}

function has(child: Describable, method: string): boolean {
  return typeof Reflect.get(child, method) === "function";
}
