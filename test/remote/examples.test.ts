import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

describe.each([
  ["remote", /^\[ 'v1' \]\ntrue\n(true \d+\n){2}$/],
  ["progress", /^\d+ bytes of 3 blobs\n$/],
])("the page on %s", (name, printed) => {
  it("has an example that runs as it says", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(root, `examples/${name}.mjs`)], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(printed);
  });

  it("quotes it to the letter", () => {
    const page = readFileSync(resolve(root, `docs/${name}.md`), "utf8");
    const example = readFileSync(resolve(root, `examples/${name}.mjs`), "utf8");
    expect(page).toContain(`\`\`\`js\n${example}\`\`\`\n`);
  });
});
