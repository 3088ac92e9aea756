import { unlessAborted } from "../bytes/index.js";
import { type CallOptions, type Layer, ociConfigJSON } from "../v1/index.js";
import { BytesLayer } from "./bytes-layer.js";
import { optionalMethod } from "./inner.js";
import type { WithRawConfigFile } from "./interfaces.js";

/**
 * An image's configuration as a blob, so that it can be kept and sent as layers are: the image's own `configLayer()`, if it
 * has one, or else its bytes as they are, whose media type is OCI's whatever the image is.
 *
 * @throws {NotComputedError} if the configuration is not known yet
 */
export async function configLayer(image: WithRawConfigFile, options?: CallOptions): Promise<Layer> {
  const own = optionalMethod(image, "configLayer");
  if (own !== undefined) return unlessAborted(options?.signal, own(options));
  return new BytesLayer(await unlessAborted(options?.signal, image.rawConfigFile(options)), ociConfigJSON);
}
