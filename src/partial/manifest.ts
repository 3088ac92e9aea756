import { hashOf, unlessAborted } from "../bytes/index.js";
import { type CallOptions, encodeManifest, type Hash, type Manifest, parseManifest } from "../v1/index.js";
import type { WithManifest, WithRawManifest } from "./interfaces.js";

/** Parses an image's manifest. @throws {JSONError} if it is none */
export async function manifest(image: WithRawManifest, options?: CallOptions): Promise<Manifest> {
  return parseManifest(await unlessAborted(options?.signal, image.rawManifest(options)));
}

/** An image's manifest as Go writes it. */
export async function rawManifest(
  image: WithManifest,
  options?: CallOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return encodeManifest(await unlessAborted(options?.signal, image.manifest(options)));
}

/** The SHA-256 of a manifest's bytes. */
export async function digest(image: WithRawManifest, options?: CallOptions): Promise<Hash> {
  return hashOf(await unlessAborted(options?.signal, image.rawManifest(options)));
}

/** The number of a manifest's bytes. */
export async function size(image: WithRawManifest, options?: CallOptions): Promise<number> {
  return (await unlessAborted(options?.signal, image.rawManifest(options))).length;
}

/** The digests of an image's layers, from the bottom to the top. */
export async function fsLayers(image: WithManifest, options?: CallOptions): Promise<readonly Hash[]> {
  const { layers } = await unlessAborted(options?.signal, image.manifest(options));
  return (layers ?? []).map((layer) => layer.digest);
}
