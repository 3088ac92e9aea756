import { expect, it } from "vitest";
import { newTag } from "../../../src/name/index.js";
import * as random from "../../../src/random/index.js";
import { fetchOf, newRegistry } from "../../../src/registry/index.js";
import { image, multiWrite, write } from "../../../src/remote/index.js";
import * as validate from "../../../src/validate/index.js";

it("images of many layers are written and read without a warning of too many listeners", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on("warning", note);
  try {
    const options = { fetch: fetchOf(newRegistry().fetch), signal: new AbortController().signal };
    const tags = ["a", "b"].map((tag) => newTag(`registry.example/app:${tag}`));
    await write(tags[0]!, random.image(1000, 12, { seed: 1 }), options);
    await multiWrite(new Map(tags.map((tag, seed) => [tag, random.image(1000, 12, { seed })])), options);
    await validate.image(await image(tags[0]!, options), { signal: options.signal });
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    process.off("warning", note);
  }
  expect(warnings).toEqual([]);
});
