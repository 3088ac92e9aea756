import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { crc32, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mixed, randomBytes } from "../fixtures/bytes.js";

const examples = resolve(import.meta.dirname, "../../examples");
const input = mixed(1_500_000, 1);

function run(name: string, args: readonly string[] = [], stdin: Uint8Array = new Uint8Array(0)): Buffer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(examples, name), ...args], {
    input: stdin,
    maxBuffer: 2 ** 26,
  });
  expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-examples-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the examples of varve/core", () => {
  it("gzip-stream compresses standard input", () => {
    expect(gunzipSync(run("gzip-stream.mjs", [], input)).equals(input)).toBe(true);
  });

  it("hash prints three hashes of standard input", () => {
    const sha512 = createHash("sha512").update(input).digest("hex");
    expect(String(run("hash.mjs", [], input)).split("\n")).toEqual([
      sha256(input),
      `sha512:${sha512}`,
      `crc32:${crc32(input).toString(16).padStart(8, "0")}`,
      "",
    ]);
  });

  it("one-shot gets back what it compressed", () => {
    expect(String(run("one-shot.mjs"))).toMatch(/^64000 bytes, \d{3} as gzip\nthe same\n$/);
  });

  it("machine compresses a file and prints the layer's values", () => {
    const [source, target] = [join(directory, "file"), join(directory, "file.gz")];
    writeFileSync(source, input);
    const printed = String(run("machine.mjs", [source, target]));
    const output = readFileSync(target);
    expect(gunzipSync(output).equals(input)).toBe(true);
    expect(printed).toBe(`digest ${sha256(output)}\ndiffID ${sha256(input)}\nsize   ${output.length}\n`);
  });
});

describe("the example that goes on", () => {
  it("makes the same layer whether it is killed or not, and leaves no checkpoint behind", async () => {
    const [source, target, whole] = ["large", "large.gz", "whole.gz"].map((name) => join(directory, name));
    writeFileSync(source!, randomBytes(60_000_000, 2));
    const changes = watch(directory);
    const first = spawn(process.execPath, [join(examples, "resume.mjs"), source!, target!], {
      stdio: "ignore",
    });
    const ended = once(first, "exit");
    for await (const { filename } of changes) {
      if (filename === "large.gz.checkpoint") break;
    }
    first.kill("SIGKILL");
    await ended;
    expect(statSync(`${target}.checkpoint`).mode & 0o777).toBe(0o600);

    const printed = String(run("resume.mjs", [source!, target!]))
      .trim()
      .split("\n");
    expect(printed[0]).toMatch(/^going on at byte [1-9]\d*$/);
    expect(existsSync(`${target}.checkpoint`)).toBe(false);
    expect(printed[1]).toBe(sha256(readFileSync(target!)));
    expect(String(run("resume.mjs", [source!, whole!])).trim()).toBe(printed[1]);
  });
});
