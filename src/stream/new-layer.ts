import { StreamLayer } from "./layer.js";
import type { StreamLayerOptions } from "./layer-options.js";
import type { Source } from "./source/source.js";

/**
 * Makes a layer of a source. The source is only recognised here: it is opened and read when the layer's reader
 * first asks.
 *
 * @throws {SourceError} if the source is of no known kind, such as a string, or bytes whose buffer was transferred
 * @throws {UnknownCompressionError} if there is no compression of that name
 */
export function newLayer(source: Source, options: StreamLayerOptions = {}): StreamLayer {
  return new StreamLayer(source, options);
}
