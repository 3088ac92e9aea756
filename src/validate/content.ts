import {
  bytesOf,
  ChunkReader,
  newHasher,
  opened,
  peek,
  quietly,
  readableOf,
  throughMachine,
} from "../bytes/index.js";
import { IdentityLayerMachine, init, type Machine, type MachineResult } from "../core/index.js";
import {
  compressionByName,
  detectCompression,
  type Hash,
  hashFromBytes,
  type Layer,
  MAGIC_BYTES,
  readingMachine,
} from "../v1/index.js";
import type { ValidateOptions } from "./options.js";
import { isDamage, tellUnreadable } from "./read-failure.js";
import type { Report } from "./report.js";
import { readPaths } from "./tar-content.js";

/** What a layer's bytes are found to be. */
export interface LayerContent {
  readonly digest: Hash;
  /** Compressed bytes. */
  readonly size: number;
  /** Undefined of what is no layer, and is not uncompressed. */
  readonly diffID?: Hash;
}

/**
 * Reads a layer once: its compressed bytes are hashed, uncompressed, hashed again, and taken apart as a tar, whose paths are
 * compared; nothing of it is kept but those.
 *
 * @returns undefined if it can't be read, which is a problem
 */
export async function readLayer(
  layer: Layer,
  report: Report,
  options: ValidateOptions,
): Promise<LayerContent | undefined> {
  const { signal } = options;
  try {
    await init();
    const { start, stream } = await peek(
      await opened(layer.compressed({ signal }), { signal }),
      MAGIC_BYTES,
      {
        signal,
      },
    );
    let machine: Machine;
    try {
      const compression = compressionByName(detectCompression(start));
      machine = readingMachine(compression, { maxBytes: options.maxUncompressedBytes });
    } catch (error) {
      quietly(stream.cancel(error));
      throw error;
    }
    const result = await readThrough(counted(stream, report), machine, (content) =>
      readPaths(content, report, options),
    );
    return {
      digest: hashFromBytes("sha256", result.digest),
      size: result.size,
      diffID: hashFromBytes("sha256", result.diffID),
    };
  } catch (error) {
    tellUnreadable(error, report);
    return readAgain(layer, error, report, options);
  }
}

/** Hashes content that is no layer, whatever it is. */
export async function readOpaque(
  layer: Layer,
  report: Report,
  options: ValidateOptions,
): Promise<LayerContent | undefined> {
  try {
    return await hashed(layer, report, options);
  } catch (error) {
    tellUnreadable(error, report);
    return undefined;
  }
}

/** The hash of what `uncompressed()` gives. */
export async function readUncompressed(
  layer: Layer,
  report: Report,
  { signal }: ValidateOptions,
): Promise<Hash | undefined> {
  return report.problems.ask(report.where, "uncompressed()", async () => {
    await init();
    const result = await readThrough(
      await opened(layer.uncompressed({ signal }), { signal }),
      new IdentityLayerMachine(),
      (content) => drain(content, signal),
    );
    return hashFromBytes("sha256", result.diffID);
  });
}

/**
 * What was read, with the hashes by the algorithms that the layer states. They are SHA-256 as a rule; for any other the layer is
 * read once more.
 *
 * @returns undefined if it can't be read again, which is a problem
 */
export async function hashedAsStated(
  layer: Layer,
  content: LayerContent,
  stated: { readonly digest: Hash | undefined; readonly diffID: Hash | undefined },
  { problems, where }: Report,
  { signal }: ValidateOptions,
): Promise<LayerContent | undefined> {
  const asStated = (
    { algorithm }: Hash,
    open: () => Promise<ReadableStream<Uint8Array>>,
  ): Promise<Hash | undefined> =>
    problems.ask(where, `reading it for its ${algorithm}`, async () => {
      const hasher = await newHasher(algorithm);
      for await (const chunk of bytesOf(await opened(open(), { signal }), { signal })) hasher.update(chunk);
      return hashFromBytes(algorithm, hasher.digest());
    });
  const digest = isOther(stated.digest, content.digest)
    ? await asStated(stated.digest, () => layer.compressed({ signal }))
    : content.digest;
  const diffID = isOther(stated.diffID, content.diffID)
    ? await asStated(stated.diffID, () => layer.uncompressed({ signal }))
    : content.diffID;
  return digest && { size: content.size, digest, ...(diffID ? { diffID } : {}) };
}

function isOther(stated: Hash | undefined, found: Hash | undefined): stated is Hash {
  return stated !== undefined && found !== undefined && stated.algorithm !== found.algorithm;
}

async function hashed(layer: Layer, report: Report, { signal }: ValidateOptions): Promise<LayerContent> {
  await init();
  const stream = counted(await opened(layer.compressed({ signal }), { signal }), report);
  const { digest, size } = await readThrough(stream, new IdentityLayerMachine(), (content) =>
    drain(content, signal),
  );
  return { digest: hashFromBytes("sha256", digest), size };
}

/** What can't be uncompressed still has a digest, which may be wrong too. What can be read but once has not. */
async function readAgain(
  layer: Layer,
  failure: unknown,
  report: Report,
  options: ValidateOptions,
): Promise<LayerContent | undefined> {
  if (!isDamage(failure)) return undefined;
  try {
    return await hashed(layer, report, options);
  } catch {
    report.problems.throwIfAborted();
    return undefined;
  }
}

/** Sends a stream through a machine, has its output read to its end, and gives the machine's result. */
async function readThrough(
  stream: ReadableStream<Uint8Array>,
  machine: Machine,
  read: (content: ReadableStream<Uint8Array>) => Promise<void>,
): Promise<MachineResult> {
  let result: MachineResult | undefined;
  const onEnd = (): void => {
    result = machine.result();
  };
  await read(throughMachine(stream, machine, { onEnd }));
  return result!;
}

async function drain(stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  for await (const _ of bytesOf(stream, { signal }));
}

function counted(stream: ReadableStream<Uint8Array>, { onBytes }: Report): ReadableStream<Uint8Array> {
  const reader = new ChunkReader(stream);
  return readableOf({
    async next() {
      const chunk = await reader.next();
      if (chunk !== undefined) onBytes(chunk.length);
      return chunk;
    },
    close: (reason) => reader.close(reason),
  });
}
