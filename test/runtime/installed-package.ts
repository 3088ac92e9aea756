import { readFileSync } from "node:fs";
import { ensure, equal, refuses } from "../portable/assert.js";
import type { Suite } from "../portable/runner.js";

/** That it was the packed tarball which was tested, and that what it offers besides modules is there. */
export const installedPackage: Suite = (test) => {
  test("varve is the package that was packed and installed", () => {
    const installed = new URL("node_modules/varve/dist/core/index.js", import.meta.url);
    equal(import.meta.resolve("varve/core"), installed.href);
  });

  for (const name of ["core", "sha256"]) {
    test(`the package offers ${name}.wasm itself`, async () => {
      const module = await WebAssembly.compile(
        readFileSync(new URL(import.meta.resolve(`varve/${name}.wasm`))),
      );
      equal(WebAssembly.Module.imports(module).length, 0, "the number of its imports");
      const exports = WebAssembly.Module.exports(module).map((each) => each.name);
      ensure(exports.includes("memory"), `it exports only ${exports.join(", ")}`);
    });
  }

  test("what the package does not export cannot be imported", async () => {
    const hidden = ["varve", "dist", "core", "init.js"].join("/");
    await refuses(() => import(hidden), Error);
  });
};
