import { coreSource } from "#module";
import { VarveError } from "./error.js";
import { ModuleSlot, type ModuleSource } from "./module-slot.js";
import { Pool } from "./pool.js";

/** The exports of `core.wasm`; assembly/index.ts documents them. */
interface CoreExports {
  readonly memory: WebAssembly.Memory;
  readonly SEGMENT: WebAssembly.Global;
  readonly SEGMENT_SIZE: WebAssembly.Global;
  readonly OUTPUT: WebAssembly.Global;
  readonly DIGEST: WebAssembly.Global;
  readonly STREAM: WebAssembly.Global;
  readonly STATE: WebAssembly.Global;
  readonly WINDOW: WebAssembly.Global;
  crc32(crc: number, pointer: number, length: number): number;
  reserveMemory(level: number): number;
  gzipReset(level: number): void;
  gzipSegment(length: number, last: boolean): number;
  gzipTaken(): void;
  layerReset(level: number): void;
  layerHash(length: number, paired: boolean): void;
  layerTaken(): void;
  layerFinish(length: number): void;
  layerFinishOutput(): void;
  segmentEncode(level: number, window: number, length: number, last: boolean, at: number): number;
  gzipNext(): number;
  gzipAppend(length: number, size: number, crc: number, last: boolean): number;
  sha256Reset(slot: number): void;
  sha256Process(slot: number, pointer: number, blocks: number): void;
  sha256Finish(slot: number, pointer: number, length: number, total: number): void;

  readonly INFLATE_STATE: WebAssembly.Global;
  readonly COMPRESSED: WebAssembly.Global;
  readonly COMPRESSED_SIZE: WebAssembly.Global;
  readonly INFLATED: WebAssembly.Global;
  readonly INFLATED_STOP: WebAssembly.Global;
  readonly READ_PRECODE_LENGTHS: WebAssembly.Global;
  readonly READ_CODE_LENGTHS: WebAssembly.Global;
  inflateReset(gzip: boolean, ignoreTrailing: boolean): void;
  inflate(length: number, limit: number): number;
  inflateResume(history: number, tail: number): boolean;
  inflateTaken(): number;
  inflateLayerReset(ignoreTrailing: boolean): void;
  inflateLayerHash(used: number, paired: boolean): void;
  inflateLayerFinish(): void;
}

/** One instance of `core.wasm` with its views, which never detach: its memory doesn't grow any more. */
export interface CoreInstance {
  readonly exports: CoreExports;
  /** Its whole memory. */
  readonly memory: Uint8Array;
  /** The segment region: input goes here. Its length is that of a full segment. */
  readonly segment: Uint8Array;
  readonly segmentAddress: number;
  readonly outputAddress: number;
  /** The digest of the input, then the digest of the output, 32 bytes each. */
  readonly digests: Uint8Array;
  /** The stream's counters: u64 bytes of input, u64 bytes of output, see assembly/gzip.ts. */
  readonly counters: DataView;
  /** H0..H7 of the hash of the input: eight words, little-endian. */
  readonly inputState: DataView;
  /** The same of the output. */
  readonly outputState: DataView;
  /** The 32 KiB before the segment. */
  readonly window: Uint8Array;
  /** What the inflater uses of it. */
  readonly inflater: InflaterRegions;
}

/** Where an instance inflates. */
export interface InflaterRegions {
  /** Compressed bytes go here. */
  readonly compressed: Uint8Array;
  readonly compressedAddress: number;
  /** Where output begins again and again; the output before stands before it. */
  readonly inflatedAddress: number;
  /** The code lengths of the precode, and of litlen and dist, of the block at hand. */
  readonly precodeLengths: Uint8Array;
  readonly codeLengths: Uint8Array;
  /** Output that reaches this address has used up its room. */
  readonly stop: number;
  /** Where the inflater stands, see assembly/inflate/state.ts. */
  readonly state: DataView;
}

/** Bytes that a match may reach back (RFC 1951, 2). */
const WINDOW_SIZE = 32768;

const slot = /* @__PURE__ */ new ModuleSlot(coreSource);

/** Compiles `core.wasm`, or takes the module that is given. @throws WebAssemblyUnavailableError */
export function initCore(source?: ModuleSource): Promise<void> {
  return slot.init(source);
}

/** The same, synchronously. @throws WebAssemblyUnavailableError */
export function initCoreSync(source?: ModuleSource): void {
  slot.initSync(source);
}

/** The compiled module, which other threads make instances of. @throws NotInitializedError */
export function coreModule(): WebAssembly.Module {
  return slot.module();
}

/** The host gives no more memory. Nothing is lost but the stream that was to begin. */
export class OutOfMemoryError extends VarveError {
  override readonly name = "OutOfMemoryError";

  constructor(level: number) {
    super(
      "ERR_VARVE_OUT_OF_MEMORY",
      `there is no memory for levels up to ${level}: end other streams first, or use a level up to ${HARDEST}, which needs a sixth of it`,
      { retryable: true },
    );
  }
}

/** The hardest level of each memory class. */
const HARDEST = 9;
const HARDEST_OPTIMAL = 12;

function create(hardest: number): CoreInstance {
  const exports = slot.instantiate() as unknown as CoreExports;
  if (!exports.reserveMemory(hardest)) throw new OutOfMemoryError(hardest);
  const memory = exports.memory.buffer;
  const segmentAddress = exports.SEGMENT.value as number;
  return {
    exports,
    memory: new Uint8Array(memory),
    segment: new Uint8Array(memory, segmentAddress, exports.SEGMENT_SIZE.value as number),
    segmentAddress,
    outputAddress: exports.OUTPUT.value as number,
    digests: new Uint8Array(memory, exports.DIGEST.value as number, 64),
    counters: new DataView(memory, exports.STREAM.value as number, 64),
    inputState: new DataView(memory, exports.STATE.value as number, 32),
    outputState: new DataView(memory, (exports.STATE.value as number) + 32, 32),
    window: new Uint8Array(memory, exports.WINDOW.value as number, WINDOW_SIZE),
    inflater: {
      compressed: new Uint8Array(
        memory,
        exports.COMPRESSED.value as number,
        exports.COMPRESSED_SIZE.value as number,
      ),
      compressedAddress: exports.COMPRESSED.value as number,
      inflatedAddress: exports.INFLATED.value as number,
      precodeLengths: new Uint8Array(memory, exports.READ_PRECODE_LENGTHS.value as number, 19),
      codeLengths: new Uint8Array(memory, exports.READ_CODE_LENGTHS.value as number, 320),
      stop: exports.INFLATED_STOP.value as number,
      state: new DataView(memory, exports.INFLATE_STATE.value as number, 256),
    },
  };
}

/** Instances between two streams, of levels up to 9 or of none. */
export const coreInstances: Pool<CoreInstance> = /* @__PURE__ */ new Pool(() => create(HARDEST));

/** The same for the levels above, which need more memory: who never asks for them never pays for it. */
const largeInstances: Pool<CoreInstance> = /* @__PURE__ */ new Pool(() => create(HARDEST_OPTIMAL));

/** The pool for streams of a level, one that {@link checkCompressionLevel} gave. */
export function coreInstancesFor(level: number): Pool<CoreInstance> {
  return level <= HARDEST ? coreInstances : largeInstances;
}
