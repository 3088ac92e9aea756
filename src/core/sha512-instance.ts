import { sha512Source } from "#module";
import { ModuleSlot, type ModuleSource } from "./module-slot.js";
import { Pool } from "./pool.js";

/** The exports of `sha512.wasm`; assembly/sha512.ts documents them. */
interface Sha512Exports {
  readonly memory: WebAssembly.Memory;
  readonly INPUT: WebAssembly.Global;
  readonly INPUT_SIZE: WebAssembly.Global;
  readonly DIGEST: WebAssembly.Global;
  readonly STATE: WebAssembly.Global;
  sha512Reset(): void;
  sha512Process(pointer: number, blocks: number): void;
  sha512Finish(pointer: number, length: number, total: number): void;
}

/** One instance of `sha512.wasm` with its views, which never detach: its memory never grows. */
export interface Sha512Instance {
  readonly exports: Sha512Exports;
  /** The input region as a whole. */
  readonly input: Uint8Array;
  /** Address of the input region. */
  readonly inputAddress: number;
  /** The 64 bytes of the last digest. */
  readonly digest: Uint8Array;
  /** H0..H7 of the message so far: eight words, little-endian. */
  readonly state: DataView;
}

const slot = /* @__PURE__ */ new ModuleSlot(sha512Source);

/** Compiles `sha512.wasm`, or takes the module that is given. @throws WebAssemblyUnavailableError */
export function initSha512(source?: ModuleSource): Promise<void> {
  return slot.init(source);
}

/** The same, synchronously. @throws WebAssemblyUnavailableError */
export function initSha512Sync(source?: ModuleSource): void {
  slot.initSync(source);
}

function create(): Sha512Instance {
  const exports = slot.instantiate() as unknown as Sha512Exports;
  const memory = exports.memory.buffer;
  const inputAddress = exports.INPUT.value as number;
  return {
    exports,
    input: new Uint8Array(memory, inputAddress, exports.INPUT_SIZE.value as number),
    inputAddress,
    digest: new Uint8Array(memory, exports.DIGEST.value as number, 64),
    state: new DataView(memory, exports.STATE.value as number, 64),
  };
}

/** Instances between two messages. */
export const sha512Instances: Pool<Sha512Instance> = /* @__PURE__ */ new Pool(create);
