import { hashOf, sameBytes } from "../bytes/index.js";
import { encodeManifest, type Image, type Manifest, parseManifest } from "../v1/index.js";
import { quote } from "../v1/quote.js";
import type { ValidateOptions } from "./options.js";
import type { Problems } from "./problems.js";

/** Holds what an image says of its manifest to the manifest's bytes, and gives what these say. */
export async function checkManifest(
  image: Image,
  problems: Problems,
  options: ValidateOptions,
): Promise<Manifest | undefined> {
  const where = "manifest";
  const raw = await problems.ask(where, "rawManifest()", () => image.rawManifest(options));
  if (raw === undefined) return undefined;
  await checkBytes(image, raw, where, problems, options);
  const manifest = await problems.ask(where, "parsing it", async () => parseManifest(raw));
  const given = await problems.ask(where, "manifest()", () => image.manifest(options));
  if (manifest === undefined) return undefined;
  if (given !== undefined && !sameBytes(encodeManifest(given), encodeManifest(manifest))) {
    problems.add("mismatched-content", where, "manifest() is not what rawManifest() says");
  }
  const mediaType = await problems.ask(where, "mediaType()", () => image.mediaType(options));
  checkMediaType(mediaType, manifest.mediaType, where, problems);
  return manifest;
}

/** Holds a digest and a size to the bytes that they should be those of. */
export async function checkBytes(
  object: Pick<Image, "digest" | "size">,
  raw: Uint8Array,
  where: string,
  problems: Problems,
  options: ValidateOptions,
): Promise<void> {
  const digest = await problems.ask(where, "digest()", () => object.digest(options));
  const size = await problems.ask(where, "size()", () => object.size(options));
  const found = await hashOf(raw, digest?.algorithm);
  problems.compare("mismatched-digest", where, ["digest()", digest], ["that of rawManifest()", found]);
  problems.compare("mismatched-size", where, ["size()", size], ["the number of its bytes", raw.length]);
}

/** A manifest need not say what it is, but if it does, it must be that. */
export function checkMediaType(
  given: string | undefined,
  own: string | undefined,
  where: string,
  problems: Problems,
): void {
  if (own === undefined) return;
  problems.compare(
    "mismatched-media-type",
    where,
    ["mediaType()", given && quote(given)],
    ["that in rawManifest()", quote(own)],
  );
}
