import { describe, expect, it } from "vitest";
import { VarveError } from "../../src/core/error.js";
import { ConsumedError, NotComputedError, UnsupportedError } from "../../src/v1/layer-error.js";

describe("errors of layers", () => {
  it("says that a value is not computed yet, which value, and what to do", () => {
    const error = new NotComputedError("digest");
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({
      name: "NotComputedError",
      code: "ERR_VARVE_NOT_COMPUTED",
      retryable: false,
    });
    expect(error.message).toBe(
      "digest: value not computed until stream is consumed; read compressed() to its end, then ask again",
    );
  });

  it("begins with the reason when no value is named", () => {
    expect(new NotComputedError().message).toMatch(/^value not computed until stream is consumed/);
  });

  it("says that a stream was consumed, and what to do", () => {
    const error = new ConsumedError();
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({ name: "ConsumedError", code: "ERR_VARVE_CONSUMED", retryable: false });
    expect(error.message).toMatch(/^stream was already consumed; .*make a new one/);
  });

  it("carries the message of what is unsupported", () => {
    const error = new UnsupportedError("a streaming layer has no uncompressed(): read the source itself");
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({
      name: "UnsupportedError",
      code: "ERR_VARVE_UNSUPPORTED",
      retryable: false,
    });
    expect(error.message).toBe("a streaming layer has no uncompressed(): read the source itself");
  });

  it.each([
    ["NotComputedError", (cause: unknown) => new NotComputedError("size", { cause })],
    ["ConsumedError", (cause: unknown) => new ConsumedError({ cause })],
    ["UnsupportedError", (cause: unknown) => new UnsupportedError("no", { cause })],
  ])("keeps the cause that a %s is given, and invents none", (_name, make) => {
    const cause = new Error("underneath");
    expect(make(cause).cause).toBe(cause);
    expect("cause" in new ConsumedError()).toBe(false);
  });
});
