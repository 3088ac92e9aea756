import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(resolve(root, file), "utf8"));
}

describe("the API reference", () => {
  it("has a page for each package but the main one, which only gathers them, and the worker, which has nothing to call", () => {
    const { exports } = read("package.json") as { exports: Record<string, { types?: string } | string> };
    const packages = Object.entries(exports)
      .filter(([path]) => path !== "." && path !== "./worker")
      .flatMap(([, target]) => (typeof target === "string" ? [] : [target.types]))
      .map((types) => types?.replace("./dist/", "src/").replace(".d.ts", ".ts"));
    const { entryPoints } = read("typedoc.json") as { entryPoints: string[] };
    expect([...entryPoints].sort()).toEqual([...packages].sort());
  });
});
