import { sha256Source } from "#module";
import { ModuleSlot, type ModuleSource } from "./module-slot.js";
import { Pool } from "./pool.js";

/** The exports of `sha256.wasm`; assembly/sha256-module.ts documents them. */
interface Sha256Exports {
  readonly memory: WebAssembly.Memory;
  readonly INPUT: WebAssembly.Global;
  readonly INPUT_SIZE: WebAssembly.Global;
  readonly DIGEST: WebAssembly.Global;
  readonly STATE: WebAssembly.Global;
  sha256Reset(slot: number): void;
  sha256Process(slot: number, pointer: number, blocks: number): void;
  sha256Finish(slot: number, pointer: number, length: number, total: number): void;
}

/** One instance of `sha256.wasm` with its views, which never detach: its memory never grows. */
export interface Sha256Instance {
  readonly exports: Sha256Exports;
  /** The input region as a whole. */
  readonly input: Uint8Array;
  /** Address of the input region. */
  readonly inputAddress: number;
  /** The 32 bytes of the last digest. */
  readonly digest: Uint8Array;
  /** H0..H7 of the message so far: eight words, little-endian. */
  readonly state: DataView;
}

const slot = /* @__PURE__ */ new ModuleSlot(sha256Source);

/** Compiles `sha256.wasm`, or takes the module that is given. @throws WebAssemblyUnavailableError */
export function initSha256(source?: ModuleSource): Promise<void> {
  return slot.init(source);
}

/** The same, synchronously. @throws WebAssemblyUnavailableError */
export function initSha256Sync(source?: ModuleSource): void {
  slot.initSync(source);
}

function create(): Sha256Instance {
  const exports = slot.instantiate() as unknown as Sha256Exports;
  const memory = exports.memory.buffer;
  const inputAddress = exports.INPUT.value as number;
  return {
    exports,
    input: new Uint8Array(memory, inputAddress, exports.INPUT_SIZE.value as number),
    inputAddress,
    digest: new Uint8Array(memory, exports.DIGEST.value as number, 32),
    state: new DataView(memory, exports.STATE.value as number, 32),
  };
}

/** Instances between two messages. */
export const sha256Instances: Pool<Sha256Instance> = /* @__PURE__ */ new Pool(create);
