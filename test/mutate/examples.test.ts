import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const example = join(root, "examples/mutate.mjs");

it("the example of varve/mutate prints what its page says, and is on it", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [example], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^1 ERR_VARVE_NOT_COMPUTED\nsha256:[0-9a-f]{64}\n$/);
  const page = readFileSync(join(root, "docs/mutate.md"), "utf8");
  expect(page).toContain(`\`\`\`js\n${readFileSync(example, "utf8")}\`\`\`\n`);
});
