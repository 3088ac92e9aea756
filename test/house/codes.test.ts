import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { VarveError } from "../../src/core/index.js";
import { OperationAbortedError } from "../../src/remote/index.js";
import { AbortedError } from "../../src/stream/index.js";
import { ReadAbortedError } from "../../src/v1/index.js";

const src = resolve(import.meta.dirname, "../../src");

/** The classes of errors in `src/`, by the codes that they give. */
function classesByCode(): Map<string, string[]> {
  const classes = new Map<string, string[]>();
  for (const file of readdirSync(src, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const text = readFileSync(join(src, file), "utf8");
    for (const [body, name = ""] of text.matchAll(/^(?:export )?class (\w+) extends \w*Error .*?^}/gms)) {
      for (const [code] of new Set(body.matchAll(/"ERR_VARVE_\w+"/g))) {
        classes.set(code, [...new Set([...(classes.get(code) ?? []), name])]);
      }
    }
  }
  return classes;
}

describe("the codes of errors", () => {
  it("belong to one class each, but for that of what was given up", () => {
    const classes = classesByCode();
    expect(classes.size).toBeGreaterThan(40);
    const shared = [...classes].filter(([, names]) => names.length > 1);
    expect(shared.map(([code, names]) => [code, names.sort()])).toEqual([
      ['"ERR_VARVE_ABORTED"', ["AbortedError", "OperationAbortedError", "ReadAbortedError"]],
    ]);
  });

  it.each<[string, (reason: unknown) => VarveError]>([
    ["a layer over a stream", (reason) => new AbortedError("the layer was closed", reason)],
    ["a call to a registry", (reason) => new OperationAbortedError("writing", reason)],
    ["a reading", (reason) => new ReadAbortedError("a layer", reason)],
  ])("tell of %s that it was given up, and why", (_, given) => {
    const reason = new DOMException("enough", "AbortError");
    expect(given(reason)).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason, retryable: false });
  });
});
