import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/core/index.js";

it("writes two lower-case digits for every byte", () => {
  expect(toHex(new Uint8Array(0))).toBe("");
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(toHex(all)).toBe(Buffer.from(all).toString("hex"));
});

it("equals Node's for any bytes, views included", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 5 }), (bytes, from) => {
      const view = bytes.subarray(from);
      expect(toHex(view)).toBe(Buffer.from(view).toString("hex"));
    }),
  );
});
