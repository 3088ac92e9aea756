import { describe, expect, it } from "vitest";
import {
  CompressionLevelError,
  HashFinishedError,
  MachineStateError,
  NotInitializedError,
  VarveError,
  WebAssemblyUnavailableError,
} from "../../src/core/index.js";

describe("VarveError", () => {
  it("carries its code and message, and is an Error by its own name", () => {
    const error = new VarveError("ERR_VARVE_EXAMPLE", "what, where, and what to do");
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "VarveError",
      code: "ERR_VARVE_EXAMPLE",
      message: "what, where, and what to do",
    });
    expect(error.retryable).toBe(false);
    expect("cause" in error).toBe(false);
  });

  it("keeps the cause it is given, be it undefined", () => {
    const cause = new TypeError("underneath");
    expect(new VarveError("ERR_VARVE_EXAMPLE", "", { cause }).cause).toBe(cause);
    expect("cause" in new VarveError("ERR_VARVE_EXAMPLE", "", { cause: undefined })).toBe(true);
  });

  it("says that it may be retried when it is told so", () => {
    expect(new VarveError("ERR_VARVE_EXAMPLE", "", { retryable: true }).retryable).toBe(true);
  });
});

it("every error of the core has its class's name, a code of its own, and a message of at least a clause", () => {
  const errors = [
    new CompressionLevelError(7),
    new HashFinishedError(),
    new MachineStateError("output is ready: take it before the stream is finished"),
    new NotInitializedError(),
    new WebAssemblyUnavailableError(new Error("refused")),
  ];
  expect(new Set(errors.map(({ code }) => code)).size).toBe(errors.length);
  for (const error of errors) {
    expect(error.name).toBe(error.constructor.name);
    expect(error.code).toMatch(/^ERR_VARVE_[A-Z0-9_]+$/);
    expect(error.message).toMatch(/\w+.*: .*\w+/);
    expect(error.retryable).toBe(false);
  }
});
