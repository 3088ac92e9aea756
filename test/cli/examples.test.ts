import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { empty, match, partial, random, validate } from "../../src/index.js";
import { layout } from "../../src/node/index.js";
import { dockerUncompressedLayer, ociLayer } from "../../src/v1/index.js";
import { noise, sha256 } from "./fixture/bytes.js";
import { Command, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const root = resolve(import.meta.dirname, "../..");
const examples = resolve(root, "examples");
const readme = resolve(root, "README.md");

const FIVE_LINES = `import { name, remote, stream } from "varve";

const repo = name.newRepository("localhost:5000/stream");
const layer = stream.newLayer(process.stdin);
await remote.writeLayer(repo, layer);
console.log(String(await layer.digest()));
`;

describe("the five lines", () => {
  const scratch = useScratch();

  it("are those of the example", () => {
    expect(readFileSync(resolve(examples, "five-lines.mjs"), "utf8")).toBe(FIVE_LINES);
  });

  it.runIf(existsSync(readme))("stand in the README as they are", () => {
    expect(readFileSync(readme, "utf8")).toContain(FIVE_LINES);
  });

  it("push stdin and print its digest, against varve serve (as printed but for the port)", async () => {
    const registry = start(["serve", "--address", "127.0.0.1:0"], { env: { TMPDIR: scratch.path } });
    const url = await registry.firstLine();
    mkdirSync(scratch.file("node_modules"));
    symlinkSync(root, scratch.file("node_modules/varve"));
    writeFileSync(scratch.file("five-lines.mjs"), FIVE_LINES.replace(":5000", `:${new URL(url).port}`));
    const command = new Command(process.execPath, [scratch.file("five-lines.mjs")]);
    command.stdin.end(noise(700_000));
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const blob = await fetch(`${url}/v2/stream/blobs/${stdout.trim()}`);
    expect(sha256(Buffer.from(await blob.arrayBuffer()))).toBe(stdout.trim());
    registry.interrupt("SIGTERM");
    await registry.ended;
  });
});

describe("the six lines", () => {
  const scratch = useScratch();
  const lines = readFileSync(resolve(examples, "six-lines.mjs"), "utf8");

  it("stand in the README as they are", () => {
    expect(
      lines
        .trim()
        .split("\n")
        .filter((line) => line !== ""),
    ).toHaveLength(6);
    expect(readFileSync(readme, "utf8")).toContain(lines);
  });

  it("put a layer of stdin on the image of a layout", async () => {
    mkdirSync(scratch.file("node_modules"));
    symlinkSync(root, scratch.file("node_modules/varve"));
    writeFileSync(scratch.file("six-lines.mjs"), lines);
    const images = await layout.write(scratch.file("images"), empty.index);
    await images.appendImage(random.image(1000, 1, { seed: 1 }));
    const command = new Command(process.execPath, [scratch.file("six-lines.mjs")], { cwd: scratch.path });
    const tar = random.layer(700_000, dockerUncompressedLayer, { seed: 2 });
    command.stdin.end(Buffer.from(await new Response(await tar.uncompressed()).arrayBuffer()));
    const { code, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [image] = await partial.findImages(await images.imageIndex(), match.name("app"));
    await validate.image(image!);
    const layers = await image!.layers();
    expect(layers).toHaveLength(2);
    expect(await layers[1]!.mediaType()).toBe(ociLayer);
  });
});

describe("the demo", () => {
  const scratch = useScratch();

  it("pushes a tar of real files, has every value confirmed, and leaves nothing behind", async () => {
    const demo = new Command(process.execPath, [resolve(examples, "demo.mjs")], {
      env: { TMPDIR: scratch.path },
    });
    const { code, stdout, stderr } = await demo.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/confirmed by/g)).toHaveLength(4);
    expect(stdout).not.toContain("WRONG");
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("ends with exit code 1 when what was pulled back is something else", async () => {
    const other = gzipSync("something else").toString("base64");
    writeFileSync(
      scratch.file("tamper.mjs"),
      `const genuine = globalThis.fetch;
       globalThis.fetch = (input, init) => String(input).includes("/blobs/sha256:") && init?.method === undefined
         ? Promise.resolve(new Response(Buffer.from("${other}", "base64")))
         : genuine(input, init);`,
    );
    const parameters = ["--import", scratch.file("tamper.mjs"), resolve(examples, "demo.mjs")];
    const { code, stdout } = await new Command(process.execPath, parameters).ended;
    expect(code).toBe(1);
    expect(stdout.match(/WRONG/g)).toHaveLength(4);
  });
});
