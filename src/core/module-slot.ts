import { VarveError } from "./error.js";
import { messageOf } from "./message.js";

/** WebAssembly given from outside: a compiled module, or the bytes of one. */
export type ModuleSource = WebAssembly.Module | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Something of the core was used before `init()` had been awaited. */
export class NotInitializedError extends VarveError {
  override readonly name = "NotInitializedError";

  constructor() {
    super(
      "ERR_VARVE_NOT_INITIALIZED",
      "the WebAssembly core is not loaded: call `await init()` once before anything synchronous of varve/core",
    );
  }
}

/** The runtime forbids, or doesn't know, the WebAssembly that is needed. */
export class WebAssemblyUnavailableError extends VarveError {
  override readonly name = "WebAssemblyUnavailableError";

  constructor(cause: unknown) {
    super(
      "ERR_VARVE_WEBASSEMBLY_UNAVAILABLE",
      `the WebAssembly core can't be compiled here (${messageOf(cause)}): in a page, allow 'wasm-unsafe-eval' in the Content-Security-Policy's script-src; ` +
        "where compiling from bytes is forbidden, bundle with the condition `workerd`, or pass compiled modules to init(); WebAssembly SIMD is required",
      { cause },
    );
  }
}

/**
 * One module of a program: compiled once, whoever asks first, and instantiated as often as streams need it.
 *
 * A failed compilation is not remembered; the next call tries again.
 */
export class ModuleSlot {
  #module: WebAssembly.Module | undefined;
  #pending: Promise<void> | undefined;
  readonly #source: () => ModuleSource;

  /** `source` gives the module when none is given from outside. */
  constructor(source: () => ModuleSource) {
    this.#source = source;
  }

  /** Compiles the module, once. @throws WebAssemblyUnavailableError */
  async init(source?: ModuleSource): Promise<void> {
    if (this.#module) return;
    this.#pending ??= this.#compile(source).finally(() => {
      this.#pending = undefined;
    });
    await this.#pending;
  }

  /**
   * The same without waiting; main threads of some browsers refuse to compile more than a few kilobytes so. @throws
   * WebAssemblyUnavailableError
   */
  initSync(source?: ModuleSource): void {
    if (this.#module) return;
    const given = source ?? this.#source();
    try {
      this.#module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(asBytes(given));
    } catch (cause) {
      throw new WebAssemblyUnavailableError(cause);
    }
  }

  /** The compiled module. @throws NotInitializedError */
  module(): WebAssembly.Module {
    if (!this.#module) throw new NotInitializedError();
    return this.#module;
  }

  /** A new instance. @throws NotInitializedError */
  instantiate(): WebAssembly.Exports {
    return new WebAssembly.Instance(this.module()).exports;
  }

  async #compile(source: ModuleSource | undefined): Promise<void> {
    const given = source ?? this.#source();
    try {
      this.#module = given instanceof WebAssembly.Module ? given : await WebAssembly.compile(asBytes(given));
    } catch (cause) {
      throw new WebAssemblyUnavailableError(cause);
    }
  }
}

/** V8 compiles from an `ArrayBuffer` or a typed array, but not from a `DataView`. */
function asBytes(source: ArrayBuffer | ArrayBufferView<ArrayBuffer>): ArrayBuffer | Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : source;
}
