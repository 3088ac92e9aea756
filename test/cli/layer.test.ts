import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { noise, sha256 } from "./fixture/bytes.js";
import { Command, program, run, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const TAR = Buffer.concat([Buffer.alloc(700_000, "a layer is laid down. "), noise(300_001)]);

describe("varve layer", () => {
  const scratch = useScratch();

  it("makes a file whose bytes have the digest that it prints, and inflate to the input", async () => {
    writeFileSync(scratch.file("in.tar"), TAR);
    const out = scratch.file("out.tar.gz");
    const { code, stdout, stderr } = await run(["layer", scratch.file("in.tar"), "-o", out]);
    const bytes = readFileSync(out);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${sha256(bytes)}  ${out}\n`, stderr: "" });
    expect(gunzipSync(bytes).equals(TAR)).toBe(true);
    expect(readdirSync(scratch.path).sort()).toEqual(["in.tar", "out.tar.gz"]);
  });

  it("prints one JSON object with --json", async () => {
    const out = scratch.file("out.tar.gz");
    const { stdout } = await run(["layer", "-", "-o", out, "--json"], TAR);
    const bytes = readFileSync(out);
    expect(stdout.endsWith("}\n")).toBe(true);
    const { seconds, ...rest } = JSON.parse(stdout);
    expect(seconds).toBeGreaterThan(0);
    expect(rest).toEqual({
      output: out,
      mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      digest: sha256(bytes),
      diffID: sha256(TAR),
      size: bytes.length,
      uncompressedSize: TAR.length,
      threads: 1,
    });
  });

  it("makes the same bytes of a file, a redirected file, a pipe and a named pipe", async () => {
    writeFileSync(scratch.file("in.tar"), TAR);
    const pipe = scratch.file("pipe");
    execFileSync("mkfifo", [pipe]);
    const writer = new Command("sh", ["-c", 'cat "$0" > "$1"', scratch.file("in.tar"), pipe]);
    const endings = await Promise.all([
      run(["layer", scratch.file("in.tar"), "-o", scratch.file("1")]),
      start(["layer", "-", "-o", scratch.file("2")], {
        stdio: [openSync(scratch.file("in.tar"), "r"), "pipe", "pipe"],
      }).ended,
      run(["layer", "-o", scratch.file("3")], TAR),
      run(["layer", pipe, "-o", scratch.file("4")]),
      writer.ended,
    ]);
    expect(endings.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      new Array(5).fill({ code: 0, stderr: "" }),
    );
    const digests = ["1", "2", "3", "4"].map((name) => sha256(readFileSync(scratch.file(name))));
    expect(new Set(digests).size).toBe(1);
  });

  it("writes the layer to stdout for -o -, and the line to stderr", async () => {
    const command = start(["layer", "-", "-o", "-"]);
    command.stdin.end(TAR);
    const { code, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${sha256(command.output)}  -\n` });
    expect(gunzipSync(command.output).equals(TAR)).toBe(true);
  });

  it("writes to a stdout that is a file", async () => {
    const out = scratch.file("out");
    const command = start(["layer", "-", "-o", "-"], { stdio: ["pipe", openSync(out, "w"), "pipe"] });
    command.stdin.end(TAR);
    expect(await command.ended).toMatchObject({ code: 0 });
    expect(gunzipSync(readFileSync(out)).equals(TAR)).toBe(true);
  });

  it("makes an empty layer of an empty input", async () => {
    const out = scratch.file("out");
    expect(await run(["layer", "-", "-o", out])).toMatchObject({ code: 0, stderr: "" });
    expect(gunzipSync(readFileSync(out)).length).toBe(0);
  });

  it("hands the input on as it is with --compression none", async () => {
    const out = scratch.file("out.tar");
    const { stdout } = await run(["layer", "-", "-o", out, "--compression", "none", "--json"], TAR);
    expect(readFileSync(out).equals(TAR)).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({
      mediaType: "application/vnd.docker.image.rootfs.diff.tar",
      digest: sha256(TAR),
      diffID: sha256(TAR),
    });
  });

  it("compresses at the level that is asked for: 0 stores", async () => {
    await run(["layer", "-", "-o", scratch.file("0"), "--level", "0"], TAR);
    await run(["layer", "-", "-o", scratch.file("1"), "--level", "1"], TAR);
    expect(statSync(scratch.file("0")).size).toBeGreaterThan(TAR.length);
    expect(statSync(scratch.file("1")).size).toBeLessThan(TAR.length / 2);
    expect(gunzipSync(readFileSync(scratch.file("0"))).equals(TAR)).toBe(true);
  });

  it("replaces a file that is there, keeps its permissions, and leaves a link to it a link", async () => {
    writeFileSync(scratch.file("real"), "before");
    chmodSync(scratch.file("real"), 0o640);
    symlinkSync("real", scratch.file("link"));
    expect(await run(["layer", "-", "-o", scratch.file("link")], TAR)).toMatchObject({ code: 0 });
    expect(gunzipSync(readFileSync(scratch.file("real"))).equals(TAR)).toBe(true);
    expect(statSync(scratch.file("real")).mode & 0o777).toBe(0o640);
    expect(lstatSync(scratch.file("link")).isSymbolicLink()).toBe(true);
    expect(readlinkSync(scratch.file("link"))).toBe("real");
  });

  it("can replace its own input", async () => {
    writeFileSync(scratch.file("tar"), TAR);
    expect(await run(["layer", scratch.file("tar"), "-o", scratch.file("tar")])).toMatchObject({ code: 0 });
    expect(gunzipSync(readFileSync(scratch.file("tar"))).equals(TAR)).toBe(true);
  });

  it("writes to a device and leaves it one", async () => {
    const before = statSync("/dev/null");
    const { code, stdout } = await run(["layer", "-", "-o", "/dev/null"], TAR);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64} {2}\/dev\/null\n$/);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(statSync("/dev/null").ino).toBe(before.ino);
  });

  it("waits for the reader of a named pipe, and writes to it", async () => {
    const pipe = scratch.file("pipe");
    execFileSync("mkfifo", [pipe]);
    const command = start(["layer", "-", "-o", pipe]);
    command.stdin.end(TAR);
    const reader = new Command("cat", [pipe]);
    const [{ code, stdout, stderr }] = await Promise.all([command.ended, reader.ended]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`${sha256(reader.output)}  ${pipe}\n`);
    expect(gunzipSync(reader.output).equals(TAR)).toBe(true);
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  it("takes an output whose name is as long as names may be", async () => {
    const out = scratch.file("n".repeat(255));
    expect(await run(["layer", "-", "-o", out], TAR)).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(scratch.path)).toEqual(["n".repeat(255)]);
  });

  it("reads on from where a redirected file stands", async () => {
    writeFileSync(scratch.file("in"), "0123456789");
    const command = new Command("sh", [
      "-c",
      'exec < "$1"; dd bs=1 count=4 of=/dev/null status=none; exec "$2" "$3" layer - -o - -c none',
      "sh",
      scratch.file("in"),
      process.execPath,
      program,
    ]);
    await command.ended;
    expect(command.output.toString()).toBe("456789");
  });
});

describe("varve layer --threads", () => {
  const scratch = useScratch();

  it("makes the same file with any number of threads and either hash, and tells how many took part", async () => {
    const tar = Buffer.concat(Array.from({ length: 64 }, () => noise(2 ** 20)));
    writeFileSync(scratch.file("in.tar"), tar);
    const out = scratch.file("out");
    const reports = [];
    for (const flags of [[], ["--threads", "2"], ["-t", "3", "--sha256", "native"], ["--threads", "auto"]]) {
      const { code, stdout, stderr } = await run([
        "layer",
        scratch.file("in.tar"),
        "-o",
        out,
        "--json",
        ...flags,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const report = JSON.parse(stdout);
      expect(report.digest).toBe(sha256(readFileSync(out)));
      expect(report.diffID).toBe(sha256(tar));
      reports.push(report);
    }
    expect(new Set(reports.map(({ digest }) => digest)).size).toBe(1);
    expect(reports[0].threads).toBe(1);
  });

  it("works from the one file, wherever that is put", async () => {
    cpSync(program, scratch.file("anywhere.mjs"));
    // Hashing it takes longer than a worker takes to start.
    const command = new Command(process.execPath, [
      scratch.file("anywhere.mjs"),
      ..."layer - -o - --threads 2 --json".split(" "),
    ]);
    const chunk = Buffer.alloc(2 ** 22, "a layer is laid down. ");
    for (let i = 0; i < 100; i++) {
      if (!command.stdin.write(chunk)) await once(command.stdin, "drain");
    }
    command.stdin.end();
    const { code, stderr } = await command.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ uncompressedSize: 100 * 2 ** 22, threads: 2 });
  });
});
