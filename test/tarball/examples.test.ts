import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

function run(name: string): string {
  return execFileSync(process.execPath, [join(root, "examples", `${name}.mjs`)], { encoding: "utf8" });
}

describe("the examples of varve/random and varve/tarball", () => {
  it.each(["random", "tarball"])("%s is on its page as it is in its file", (name) => {
    const example = readFileSync(join(root, "examples", `${name}.mjs`), "utf8");
    expect(readFileSync(join(root, "docs", `${name}.md`), "utf8")).toContain(`\`\`\`js\n${example}\`\`\`\n`);
  });

  it("random gets the same image twice", () => {
    expect(run("random")).toMatch(/^sha256:[0-9a-f]{64}\nthe same\n$/);
  });

  it("tarball finds an image in what it wrote", () => {
    expect(run("tarball")).toMatch(/^\d+ bytes\n2 layers, configuration sha256:[0-9a-f]{64}\n$/);
  });
});
