import type { Descriptor, Layer } from "../../v1/index.js";
import { unlessNotComputed } from "../../v1/unless-not-computed.js";

/** A layer's media type, size and digest. */
export async function describeLayer(layer: Layer): Promise<Descriptor> {
  const [mediaType, size, digest] = await Promise.all([layer.mediaType(), layer.size(), layer.digest()]);
  return { mediaType, size, digest };
}

/** A layer's descriptor, or undefined for a streaming layer, which will have one when it has been read. */
export async function describeIfKnown(layer: Layer): Promise<Descriptor | undefined> {
  const digest = await unlessNotComputed(layer.digest());
  return digest === undefined ? undefined : describeLayer(layer);
}
