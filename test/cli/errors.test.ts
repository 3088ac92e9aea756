import { describe, expect, it } from "vitest";
import { ExitCode, exitCodeOf } from "../../src/cli/exit-code.js";
import { InputError } from "../../src/cli/input-error.js";
import { InterruptedError } from "../../src/cli/interruption.js";
import { OutputError } from "../../src/cli/output-error.js";
import { describeError } from "../../src/cli/report-error.js";
import { withoutSecrets } from "../../src/cli/secrets.js";
import { systemReason } from "../../src/cli/system-error.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { CompressionLevelError, VarveError } from "../../src/core/index.js";
import { NameError } from "../../src/name/index.js";

function systemError(message: string): Error {
  return Object.assign(new Error(message), { code: message.split(":", 1)[0] });
}

describe("exitCodeOf", () => {
  it.each<[string, unknown, number]>([
    ["wrong usage", new UsageError("no"), ExitCode.usage],
    ["a wrong name", new NameError("tag", "no"), ExitCode.usage],
    ["a level that does not exist", new CompressionLevelError(42), ExitCode.usage],
    ["missing credentials", new VarveError("ERR_VARVE_UNAUTHORIZED", "no"), ExitCode.authentication],
    ["a refusal", new VarveError("ERR_VARVE_DENIED", "no"), ExitCode.authentication],
    ["an unknown repository", new VarveError("ERR_VARVE_NOT_FOUND", "no"), ExitCode.notFound],
    ["a broken connection", new VarveError("ERR_VARVE_NETWORK", "no"), ExitCode.network],
    ["an interruption", new InterruptedError("SIGTERM", "the push was not confirmed"), ExitCode.interrupted],
    ["any other answer of a registry", new VarveError("ERR_VARVE_REGISTRY", "no"), ExitCode.failure],
    [
      "an output that fails",
      new OutputError("out", systemError("ENOSPC: no space left on device")),
      ExitCode.failure,
    ],
    ["an error that is not varve's", new TypeError("no"), ExitCode.failure],
    ["something that is no error", "no", ExitCode.failure],
  ])("gives its own number to %s", (_what, error, exitCode) => {
    expect(exitCodeOf(error)).toBe(exitCode);
  });
});

describe("describeError", () => {
  it("gives the message of an error of varve's in one line, with the command's name", () => {
    expect(describeError(new UsageError("first\n  second"), false)).toBe("varve: first second");
  });

  it("says of any other error that it was not expected, and how to see more", () => {
    expect(describeError(new TypeError("x is not a function"), false)).toBe(
      "varve: unexpected error: x is not a function; --verbose shows where it came from",
    );
  });

  it("says nothing of a reader that has gone, unless it is to tell more", () => {
    const error = new OutputError("stdout", systemError("EPIPE: broken pipe, write"));
    expect(describeError(error, false)).toBe("");
    expect(describeError(error, true)).toContain("EPIPE");
  });

  it("gives the stacks of the causes and of the errors that one sums up, each once", () => {
    const first = new Error("the first address");
    const second = new Error("the second address", { cause: first });
    const error = new UsageError("all failed");
    error.cause = new AggregateError([first, second], "both addresses");
    const text = describeError(error, true);
    for (const message of [
      "UsageError: all failed",
      "AggregateError: both addresses",
      "Error: the first address",
    ]) {
      expect(text.split(message)).toHaveLength(2);
    }
    expect(text.match(/^caused by: /gm)).toHaveLength(3);
  });

  it("comes to an end with an error that is its own cause", () => {
    const error = new UsageError("turtles");
    error.cause = error;
    expect(describeError(error, true)).not.toContain("caused by");
  });

  it.each([undefined, null, "text", 7])("takes %j for an error, since anything can be thrown", (thrown) => {
    expect(describeError(thrown, true)).toBe(`varve: ${thrown}`);
    expect(describeError(thrown, false)).toContain(String(thrown));
  });
});

describe("withoutSecrets", () => {
  it.each([
    ["GET https://user:pw@host/v2/ failed", "GET https://host/v2/ failed"],
    ["GET https://token@host/v2/", "GET https://host/v2/"],
    ['registry "user:pw@host:5000"', 'registry "REDACTED@host:5000"'],
    [
      "PUT http://host/u/1?_state=abc&digest=sha256:1: no",
      "PUT http://host/u/1?_state=REDACTED&digest=sha256:1: no",
    ],
    [
      "https://s3.example/o?X-Amz-Signature=ab%2F&X-Amz-Date=1",
      "https://s3.example/o?X-Amz-Signature=REDACTED&X-Amz-Date=REDACTED",
    ],
    ["{ authorization: 'Basic dXNlcjpwdw==' }", "{ authorization: 'REDACTED' }"],
    ["Authorization: Bearer ey.J.x", "Authorization: REDACTED"],
  ])("takes them out of %j", (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown);
  });

  it.each([
    `localhost:5000/app:v1@sha256:${"0".repeat(64)}`,
    "POST http://127.0.0.1:5000/v2/app/blobs/uploads/?mount=sha256:1&from=other: refused",
    "    at write (file:///a/b.js:10:12)",
    "cannot read a@b: no such file or directory (ENOENT)",
  ])("leaves %j as it is", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });
});

describe("systemReason", () => {
  it.each([
    ["ENOENT: no such file or directory, open 'a, b'", "no such file or directory (ENOENT)"],
    ["EISDIR: illegal operation on a directory, read", "illegal operation on a directory (EISDIR)"],
    ["EIO: i/o error, read", "i/o error (EIO)"],
  ])("takes the words for people out of %j", (message, reason) => {
    expect(systemReason(systemError(message))).toBe(reason);
  });

  it("leaves messages of another form as they are", () => {
    expect(systemReason(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }))).toBe(
      "read ECONNRESET",
    );
    expect(systemReason(new Error("something else"))).toBe("something else");
    expect(systemReason("text")).toBe("text");
  });

  it("stands in the message of an input and of an output, with what became of it", () => {
    const cause = systemError("ENOSPC: no space left on device, write");
    expect(InputError.fromSystem("stdin", cause).message).toBe(
      "cannot read stdin: no space left on device (ENOSPC)",
    );
    expect(new OutputError("out", cause, "no file was left behind").message).toBe(
      "cannot write out: no space left on device (ENOSPC); no file was left behind",
    );
  });
});
