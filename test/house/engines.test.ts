import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

it("the oldest Node that the package takes is the oldest that undici takes, and the one that readers are told", () => {
  const { engines } = JSON.parse(read("package.json"));
  expect(engines).toEqual(JSON.parse(read("node_modules/undici/package.json")).engines);
  const [, floor] = /^>=(\S+)$/.exec(engines.node) ?? [];
  expect(read("README.md")).toContain(`| Node ${floor} and newer |`);
  expect(read("docs/node.md")).toContain(`Node must be ${floor} or newer`);
});
