import { describe, expect, it } from "vitest";
import { VarveError } from "../../src/core/index.js";
import { AbortedError, SourceCloseError, SourceError, StreamFailedError } from "../../src/stream/index.js";

const cause = new Error("disk full");

describe("the errors of a streaming layer", () => {
  it.each([
    [
      new AbortedError("the layer was closed", cause),
      "AbortedError",
      "ERR_VARVE_ABORTED",
      /closed before the layer was complete/,
    ],
    [
      new StreamFailedError(cause),
      "StreamFailedError",
      "ERR_VARVE_STREAM_FAILED",
      /\(disk full\).*no digest/,
    ],
    [new SourceCloseError(cause), "SourceCloseError", "ERR_VARVE_SOURCE_CLOSE", /\(disk full\).*values/],
  ])("%s has its name, code, message and cause", (error, name, code, message) => {
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({ name, code, retryable: false });
    expect(error.message).toMatch(message);
    expect(error.cause).toBe(cause);
  });

  it("SourceError has its name, code and message, and no cause", () => {
    const error = new SourceError("not a source");
    expect(error).toMatchObject({ name: "SourceError", code: "ERR_VARVE_SOURCE", message: "not a source" });
    expect(error).not.toHaveProperty("cause");
  });

  it.each([undefined, null, "text", 7, Symbol("s"), { toString: undefined }, Object.create(null)])(
    "StreamFailedError takes whatever was thrown as its cause: %o",
    (thrown) => {
      const error = new StreamFailedError(thrown);
      expect(error.cause).toBe(thrown);
      expect("cause" in error).toBe(true);
    },
  );
});
