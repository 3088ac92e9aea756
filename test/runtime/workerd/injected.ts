import { init, sha256, toHex, WebAssemblyUnavailableError } from "varve/core";
import core from "varve/core.wasm";
import sha256Module from "varve/sha256.wasm";
import sha512Module from "varve/sha512.wasm";
import { newLayer } from "varve/stream";
import { equal, refuses } from "../../portable/assert.js";
import { readToEnd } from "../../portable/chunks.js";
import { runSuites, type Suite } from "../../portable/runner.js";

/** A Worker that was bundled without the condition `workerd`. */
const injected: Suite = (test) => {
  test("without the condition `workerd` a Worker is told what to do", async () => {
    const error = await refuses(() => init(), WebAssemblyUnavailableError);
    equal(error.code, "ERR_VARVE_WEBASSEMBLY_UNAVAILABLE");
    await refuses(
      async () => readToEnd(await newLayer(Uint8Array.of(1)).compressed()),
      WebAssemblyUnavailableError,
    );
  });

  test("the package's .wasm files can be given to init() instead", async () => {
    await init({ core, sha256: sha256Module, sha512: sha512Module });
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    equal(toHex(sha256(new Uint8Array(0))), empty);
    const layer = newLayer(new Uint8Array(0));
    await readToEnd(await layer.compressed());
    equal((await layer.diffID()).hex, empty);
  });
};

export default {
  async fetch(): Promise<Response> {
    return Response.json(await runSuites("workerd", "", [injected]));
  },
};
