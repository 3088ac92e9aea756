import { initCore, initCoreSync } from "./core-instance.js";
import type { ModuleSource } from "./module-slot.js";
import { initSha256, initSha256Sync } from "./sha256-instance.js";
import { initSha512, initSha512Sync } from "./sha512-instance.js";

/**
 * Modules from outside, for hosts that have their own way to load or cache WebAssembly. What is missing is taken from
 * the package.
 */
export interface Modules {
  /** `varve/core.wasm` */
  readonly core?: ModuleSource | undefined;
  /** `varve/sha256.wasm` */
  readonly sha256?: ModuleSource | undefined;
  /** `varve/sha512.wasm` */
  readonly sha512?: ModuleSource | undefined;
}

/**
 * Loads the WebAssembly core. Await it once; afterwards everything of `varve/core` is synchronous. Later calls return
 * at once. The streams of `varve/stream` call it themselves.
 *
 * @throws WebAssemblyUnavailableError when the runtime can't or may not compile it
 */
export async function init(modules: Modules = {}): Promise<void> {
  await Promise.all([initCore(modules.core), initSha256(modules.sha256), initSha512(modules.sha512)]);
}

/**
 * Loads the core without waiting, for code that can't. Browsers may refuse it on a page's main thread. @throws
 * WebAssemblyUnavailableError
 */
export function initSync(modules: Modules = {}): void {
  initCoreSync(modules.core);
  initSha256Sync(modules.sha256);
  initSha512Sync(modules.sha512);
}
