import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { gunzip, gzip, init, OutOfMemoryError } from "../../src/core/index.js";
import { text } from "../fixtures/bytes.js";

beforeAll(() => init());

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has the next instances get no more memory than they have. */
function withoutMemory(): void {
  const { Instance } = WebAssembly;
  vi.spyOn(WebAssembly, "Instance").mockImplementation(function instantiate(
    this: unknown,
    ...args: ConstructorParameters<typeof Instance>
  ) {
    const { exports } = new Instance(...args);
    return { exports: { ...exports, reserveMemory: () => 0 } } as unknown as WebAssembly.Instance;
  });
}

it("a host without memory refuses the hard levels by a typed error, and gets them when it has some", () => {
  const input = text(10_000, 1);
  withoutMemory();
  for (let i = 0; i < 3; i++) expect(() => gzip(input, { level: 12 })).toThrow(OutOfMemoryError);
  vi.restoreAllMocks();
  expect(gunzip(gzip(input, { level: 12 }))).toEqual(input);
});
