import { SourceError } from "../errors.js";
import { BytesReader } from "./bytes.js";
import { describe, isBytes } from "./chunk.js";
import { DeferredReader } from "./deferred.js";
import { AsyncIterableReader, IterableReader } from "./iterable.js";
import { NodeReadableReader } from "./node-readable.js";
import type { Body, NodeReadable, Source, SourceReader } from "./source.js";
import { WebStreamReader } from "./web-stream.js";

/**
 * Chooses how a source is read, by its shape alone: nothing is read or opened.
 *
 * The order matters, because most kinds are also something further down: bytes are iterable, a Node stream is async
 * iterable and may offer itself as a Web body, and a Web stream is async iterable in some runtimes only.
 *
 * @throws {SourceError} if it is no kind of source, or bytes that are gone
 */
export function readerOf(source: Source): SourceReader {
  const unknown: unknown = source;
  if (isBytes(unknown)) {
    return new BytesReader(unknown);
  }
  if (typeof unknown !== "object" || unknown === null) {
    throw notASource(unknown);
  }
  if (isNodeReadable(unknown)) {
    return new NodeReadableReader(unknown);
  }
  if (isWebStream(unknown)) {
    return new WebStreamReader(unknown);
  }
  if (isBlob(unknown)) {
    return new DeferredReader(() => new WebStreamReader(unknown.stream()));
  }
  if (isBody(unknown)) {
    return new DeferredReader(() => bodyReader(unknown));
  }
  if (has(unknown, Symbol.asyncIterator)) {
    return new AsyncIterableReader(unknown as AsyncIterable<unknown>);
  }
  if (has(unknown, Symbol.iterator)) {
    return new IterableReader(unknown as Iterable<unknown>);
  }
  throw notASource(unknown);
}

function bodyReader(source: Body): SourceReader {
  if (source.bodyUsed) {
    return refusal(
      "the source's body has been used already: give a response that nobody has read, such as a clone() made before the reading",
    );
  }
  return source.body === null ? new BytesReader(new Uint8Array(0)) : readerOf(source.body);
}

function refusal(message: string): SourceReader {
  return {
    read(): never {
      throw new SourceError(message);
    },
    async close(): Promise<void> {},
  };
}

function notASource(value: unknown): SourceError {
  let remedy =
    "give a ReadableStream, an AsyncIterable or Iterable of Uint8Array, a Blob, a Response, a Uint8Array or a Node Readable";
  if (typeof value === "string") {
    remedy =
      "encode text with TextEncoder; to read a file or an address, open it first and give what that returns";
  } else if (typeof value === "object" && value !== null && has(value, "then")) {
    remedy = "await it first";
  }
  return new SourceError(`a layer cannot be made of ${describe(value)}: ${remedy}`);
}

function isNodeReadable(value: object): value is NodeReadable {
  return has(value, "on") && has(value, "removeListener") && has(value, "read");
}

function isWebStream(value: object): value is ReadableStream<unknown> {
  return has(value, "getReader") && has(value, "cancel");
}

function isBlob(value: object): value is Blob {
  return has(value, "stream") && has(value, "arrayBuffer");
}

function isBody(value: object): value is Body {
  return "body" in value && "bodyUsed" in value;
}

function has(value: object, method: PropertyKey): boolean {
  return typeof (value as Record<PropertyKey, unknown>)[method] === "function";
}
