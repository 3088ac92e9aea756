import { newLayer } from "varve/stream";
import { mixed } from "../fixtures/bytes.js";
import { equal } from "../portable/assert.js";
import type { Suite } from "../portable/runner.js";

/** Where `node:crypto` is, it hashes if it is asked to. */
export const nativeHashes: Suite = (test) => {
  test("the runtime's own hash is used if it is asked for, and only then", async () => {
    for (const threads of [1, 2]) {
      for (const sha256 of ["wasm", "native"] as const) {
        const layer = newLayer(mixed(700_000, 71), { threads, sha256 });
        await layer.writeTo(() => {});
        equal((await layer.result).sha256, sha256);
      }
    }
  });
};
