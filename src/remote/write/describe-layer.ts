import type { Descriptor, Layer } from "../../v1/index.js";

/** A layer's media type, size and digest. */
export async function describeLayer(layer: Layer): Promise<Descriptor> {
  const [mediaType, size, digest] = await Promise.all([layer.mediaType(), layer.size(), layer.digest()]);
  return { mediaType, size, digest };
}

/** A layer's descriptor, or undefined for a streaming layer, which will have one when it has been read. */
export async function describeIfKnown(layer: Layer): Promise<Descriptor | undefined> {
  try {
    await layer.digest();
  } catch (error) {
    if (isNotComputed(error)) {
      return undefined;
    }
    throw error;
  }
  return describeLayer(layer);
}

/** Whether something will be known only when a stream has been read, whatever the class of the error that says so. */
export function isNotComputed(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_VARVE_NOT_COMPUTED";
}
