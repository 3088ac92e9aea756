import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const printed: readonly (readonly [name: string, lines: readonly string[]])[] = [
  [
    "partial",
    [
      "sha256:34c371899142d65648df8aabf270144dcdc43098eb3d2e87337dff205b4ec280",
      "true",
      "20 application/vnd.docker.image.rootfs.diff.tar.gzip",
    ],
  ],
  [
    "empty",
    [
      "sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4 0",
      "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2 0",
    ],
  ],
  ["static", ["sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 text/plain"]],
  ["match", ["2", "2"]],
  ["compare", ["layers differ:", 'mediaType: "text/plain" != "text/html"']],
];

it.each(printed)("the example of varve/%s prints what its page says, and is on it", (name, lines) => {
  const example = join(root, `examples/${name}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [example], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe(`${lines.join("\n")}\n`);
  const page = readFileSync(join(root, `docs/${name}.md`), "utf8");
  expect(page).toContain(`\`\`\`js\n${readFileSync(example, "utf8")}\`\`\`\n`);
});
