import { afterEach, expect, it, vi } from "vitest";
import * as standard from "../../../src/core/host/default.js";
import * as node from "../../../src/core/host/node.js";
import * as workerd from "../../../src/core/host/workerd.js";

afterEach(() => vi.unstubAllGlobals());

it.each([
  ["Node", node, true],
  ["the web's standards", standard, true],
  ["the web's standards without message channels", standard, false],
  ["Workers", workerd, true],
])("a turn of %s lets timers go off that are due", async (_, { turn }, hasChannels) => {
  if (!hasChannels) vi.stubGlobal("MessageChannel", undefined);
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, 0);
  for (let turns = 0; turns < 20 && !isOver; turns++) {
    const end = performance.now() + 2;
    while (performance.now() < end);
    await turn();
  }
  expect(isOver).toBe(true);
});

it("a turn of Workers ends where there are no timers", async () => {
  vi.stubGlobal("setTimeout", () => {
    throw new Error("not outside of a request");
  });
  await workerd.turn();
});
