import { expect, it } from "vitest";
import * as validate from "../../src/validate/index.js";
import { layerOver, slowContent } from "../fixtures/stuck.js";
import { problemsOf } from "./problems.js";

it("closes a layer that it can't read because varve/zstd has not been imported", async () => {
  const content = slowContent("at once", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0));
  const [problem] = await problemsOf(validate.layer(layerOver(content.open)));
  expect(problem).toMatchObject({
    problem: "unreadable-content",
    cause: { code: "ERR_VARVE_UNKNOWN_COMPRESSION" },
  });
  expect(content.closed).toHaveLength(1);
});
