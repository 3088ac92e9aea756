import { init, WebAssemblyUnavailableError } from "varve/core";
import { newLayer } from "varve/stream";
import { ensure, equal, refuses } from "../../portable/assert.js";
import { readToEnd } from "../../portable/chunks.js";
import { runSuites, type Suite } from "../../portable/runner.js";
import { handIn } from "./hand-in.js";

/** A page whose Content-Security-Policy lacks 'wasm-unsafe-eval'. */
const refused: Suite = (test) => {
  test("a page that may not compile WebAssembly is told what to allow", async () => {
    const error = await refuses(() => init(), WebAssemblyUnavailableError);
    equal(error.code, "ERR_VARVE_WEBASSEMBLY_UNAVAILABLE");
    ensure(error.message.includes("'wasm-unsafe-eval'"), `it says: ${error.message}`);
  });

  test("a layer that cannot be made there fails in the same words", async () => {
    const layer = newLayer(Uint8Array.of(1));
    await refuses(async () => readToEnd(await layer.compressed()), WebAssemblyUnavailableError);
  });
};

handIn(runSuites("chromium", "", [refused]));
