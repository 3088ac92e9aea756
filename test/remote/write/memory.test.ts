import { it } from "vitest";
import { expectBoundedMemory } from "../fixture/push-memory.js";

it("a push takes no more memory for a large layer than for a small one", () =>
  expectBoundedMemory("the runtime's fetch"));
