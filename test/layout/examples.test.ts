import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** What each example prints, line by line. */
const printed: readonly [name: string, lines: readonly string[]][] = [
  ["layout", ["1 true", "0"]],
  ["validate", ["valid", "layer unreadable-content"]],
  ["cache", ["true true"]],
];

it.each(printed)("the example of varve/%s prints what its page says, and is on it", (name, lines) => {
  const example = join(root, `examples/${name}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [example], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe(`${lines.join("\n")}\n`);
  const page = readFileSync(join(root, `docs/${name}.md`), "utf8");
  expect(page).toContain(`\`\`\`js\n${readFileSync(example, "utf8")}\`\`\`\n`);
});
