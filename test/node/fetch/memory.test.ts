import { it } from "vitest";
import { expectBoundedMemory } from "../../remote/fixture/push-memory.js";

it("a push through newFetch takes no more memory for a large layer than for a small one", () =>
  expectBoundedMemory("newFetch"));
