import { describe, expect, it } from "vitest";
import { retryAfterOf } from "../../../src/remote/transport/retry-after.js";

const NOW = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");

function read(value?: string): number | undefined {
  return retryAfterOf(
    new Response(null, value === undefined ? {} : { headers: { "retry-after": value } }),
    NOW,
  );
}

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    [" 7 ", 7000],
    ["Wed, 21 Oct 2026 07:28:10 GMT", 10_000],
    ["Wed, 21 Oct 2026 07:27:50 GMT", 0],
    ["61", 60_000],
    ["99999999999999999999", 60_000],
    ["Thu, 22 Oct 2026 07:28:00 GMT", 60_000],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("acceptance 63: of %j means %j milliseconds", (value, expected) => {
    expect(read(value)).toBe(expected);
  });
});
