import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

function read(file: string): string {
  return readFileSync(resolve(root, file), "utf8");
}

/** What the example of each page prints. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  authn: /^registry\.example\/team\/app ada\nelsewhere\.example\/app anonymous\n$/,
  cache: /^true true\n$/,
  compare: /^layers differ:\nmediaType: "text\/plain" != "text\/html"\n$/,
  core: /^7000 true 7000\n64\n$/,
  empty:
    /^sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4 0\nsha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2 0\n$/,
  layout: /^1 true\n0\n$/,
  match: /^2\n2\n$/,
  mutate: /^1 ERR_VARVE_NOT_COMPUTED\nsha256:[0-9a-f]{64}\n$/,
  name: /^index\.docker\.io\/library\/ubuntu:latest index\.docker\.io\/library\/ubuntu\nhttp localhost:5000\/team\/app:v1\n$/,
  node: /^200 true\n$/,
  partial:
    /^sha256:34c371899142d65648df8aabf270144dcdc43098eb3d2e87337dff205b4ec280\ntrue\n20 application\/vnd\.docker\.image\.rootfs\.diff\.tar\.gzip\n$/,
  progress: /^\d+ bytes of 3 blobs\n$/,
  random: /^sha256:[0-9a-f]{64}\nthe same\n$/,
  registry: /^1 true\n$/,
  remote: /^\[ 'v1' \]\ntrue\n(true \d+\n){2}$/,
  resumable:
    /^interrupted\ngoing on: the registry has 100000 bytes\ninterrupted\ngoing on: the registry has 300000 bytes\ntrue\n$/,
  static: /^sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 text\/plain\n$/,
  stream:
    /^ERR_VARVE_NOT_COMPUTED\ntrue 10000 sha256:27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711\n$/,
  tarball: /^\d+ bytes\n2 layers, configuration sha256:[0-9a-f]{64}\n$/,
  v1: /^\{"architecture":"arm64",.*\}\ntrue\nsha256\nERR_VARVE_JSON invalid manifest: "config\.size" is negative\n$/,
  validate: /^valid\nlayer unreadable-content\n$/,
  zstd: /^hello\nsha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n$/,
};

describe("the pages of the packages", () => {
  it("are there for every package that is exported", () => {
    const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, { types?: string }> };
    const packages = Object.entries(exports).filter(
      ([path, { types }]) => types !== undefined && ![".", "./worker"].includes(path),
    );
    expect(
      packages.map(([path]) => path.slice(2)).filter((name) => !existsSync(resolve(root, `docs/${name}.md`))),
    ).toEqual([]);
    expect(packages.map(([path]) => path.slice(2)).filter((name) => !(name in PRINTED))).toEqual([]);
  });

  describe.each(Object.entries(PRINTED))("docs/%s.md", (name, printed) => {
    it("has an example that is the file of its name, to the letter", () => {
      expect(read(`docs/${name}.md`)).toContain(`\`\`\`js\n${read(`examples/${name}.mjs`)}\`\`\`\n`);
    });

    it("has an example that prints what the page says", () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [resolve(root, `examples/${name}.mjs`)],
        { encoding: "utf8" },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(printed);
    });
  });
});
