import { hasCode } from "../../core/error.js";
import type { Descriptor, Layer } from "../../v1/index.js";

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

/** What is known, or undefined for what will be known only when a stream has been read, whatever the class of the error that says so. */
export async function unlessNotComputed<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasCode(error, "ERR_VARVE_NOT_COMPUTED")) {
      return undefined;
    }
    throw error;
  }
}
