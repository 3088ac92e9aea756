import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, constants, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { platform } from "node:os";
import { describe, expect, it } from "vitest";
import { noise } from "./fixture/bytes.js";
import { type Ending, run, runInShell, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const linux = platform() === "linux";
const root = process.getuid?.() === 0;

/** Whether this user may mount a file system of its own, in a name space that ends with the command. */
const mounts = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

function expectFailure(ending: Ending, message: RegExp | string): void {
  const { code, stdout, stderr } = ending;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^varve: [^\n]+\n$/);
  expect(stderr).toMatch(message);
}

describe("varve layer, when its input cannot be read", () => {
  const scratch = useScratch();
  const layer = (file: string): string[] => ["layer", file, "-o", scratch.file("out")];

  it("says that the file is not there", async () => {
    expectFailure(
      await run(layer("missing.tar")),
      "cannot read missing.tar: no such file or directory (ENOENT)",
    );
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("says that the file is a directory, and how to make a tar of it", async () => {
    expectFailure(await run(layer(scratch.path)), /it is a directory; .*: tar -c -C DIRECTORY \. \| varve/);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("says that stdin is a directory", async () => {
    const command = start(layer("-"), { stdio: [openSync(scratch.path, "r"), "pipe", "pipe"] });
    expectFailure(await command.ended, "cannot read stdin: it is a directory");
  });

  it("says that stdin is closed, though Node puts an empty one in its place", async () => {
    const ending = await runInShell('exec "$@" <&-', layer("-"));
    expectFailure(ending, "cannot read stdin: it is closed; pipe a tar into the command, or name a FILE");
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("takes an empty stdin that somebody asked for", async () => {
    expect(await runInShell('exec "$@" < /dev/null', layer("-"))).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(scratch.path)).toEqual(["out"]);
  });

  it("says that reading the file is not permitted", async () => {
    // Root may read everything, so the command runs as nobody, in a directory that nobody can enter.
    chmodSync(scratch.path, 0o711);
    writeFileSync(scratch.file("secret.tar"), "");
    chmodSync(scratch.file("secret.tar"), 0);
    const ending = await run(layer(scratch.file("secret.tar")), "", root ? { uid: 65_534 } : {});
    expectFailure(ending, "secret.tar: permission denied (EACCES)");
  });

  it.runIf(linux)("says that a file could not be read on, and leaves no output", async () => {
    // The first page of a process's memory is never mapped.
    expectFailure(await run(layer("/proc/self/mem")), /cannot read \/proc\/self\/mem: i\/o error \(EIO\)/);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("says that stdin cannot be read, when it was opened for writing", async () => {
    const command = start(layer("-"), { stdio: [openSync(scratch.file("in"), "w"), "pipe", "pipe"] });
    expectFailure(await command.ended, "cannot read stdin: bad file descriptor (EBADF)");
    expect(readdirSync(scratch.path)).toEqual(["in"]);
  });
});

describe("varve layer, when its output cannot be written", () => {
  const scratch = useScratch();

  it("says that the directory is not there", async () => {
    const ending = await run(["layer", "-", "-o", scratch.file("nowhere/out")]);
    expectFailure(ending, /nowhere\/out: no such file or directory \(ENOENT\)/);
  });

  it("says that the output is a directory", async () => {
    expectFailure(await run(["layer", "-", "-o", scratch.path]), /\(EISDIR\)/);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("says that the device is full", async () => {
    const ending = await run(["layer", "-", "-o", "/dev/full"], noise(1_000_000));
    expectFailure(ending, "cannot write /dev/full: no space left on device (ENOSPC)");
  });

  it("says that a stdout which takes the layer is full", async () => {
    const command = start(["layer", "-", "-o", "-"], { stdio: ["pipe", openSync("/dev/full", "w"), "pipe"] });
    command.stdin.end(noise(1_000_000));
    expectFailure(await command.ended, "cannot write stdout: no space left on device (ENOSPC)");
  });

  it("says that only its result could not be printed, and tells it on stderr", async () => {
    const out = scratch.file("out");
    const command = start(["layer", "-", "-o", out], { stdio: ["pipe", openSync("/dev/full", "w"), "pipe"] });
    command.stdin.end();
    expectFailure(
      await command.ended,
      /cannot write stdout: .*; .*out is complete all the same, with digest sha256:/,
    );
    expect(readdirSync(scratch.path)).toEqual(["out"]);
  });

  it("leaves no file when a limit is reached on the way", async () => {
    writeFileSync(scratch.file("in"), noise(300_000));
    const parameters = ["layer", scratch.file("in"), "-o", scratch.file("out")];
    const ending = await runInShell('ulimit -f 100; exec "$@"', parameters);
    expectFailure(ending, /file too large \(EFBIG\); no file was left behind/);
    expect(readdirSync(scratch.path)).toEqual(["in"]);
  });

  it("leaves the file as it was when a limit is reached on the way", async () => {
    writeFileSync(scratch.file("out"), "before");
    writeFileSync(scratch.file("in"), noise(300_000));
    const parameters = ["layer", scratch.file("in"), "-o", scratch.file("out")];
    const ending = await runInShell('ulimit -f 100; exec "$@"', parameters);
    expectFailure(ending, /file too large \(EFBIG\); the file is as it was before/);
    expect(readdirSync(scratch.path).sort()).toEqual(["in", "out"]);
    expect(readFileSync(scratch.file("out"), "utf8")).toBe("before");
  });

  it.runIf(mounts)("leaves no file on a disk that is full", async () => {
    mkdirSync(scratch.file("disk"));
    writeFileSync(scratch.file("in"), noise(300_000));
    const { code, stdout, stderr } = await runInShell(
      `exec unshare -m sh -c 'mount -t tmpfs -o size=128k tmpfs "$DISK"; "$@"; code=$?; ls -A "$DISK"; exit $code' sh "$@"`,
      ["layer", scratch.file("in"), "-o", scratch.file("disk/out")],
      { env: { DISK: scratch.file("disk") } },
    );
    expectFailure(
      { code, stdout, stderr, signal: null },
      /no space left on device \(ENOSPC\); no file was left behind/,
    );
  });

  it.each([
    ["its line", (out: string) => ["layer", "-", "-o", out], ["out"]],
    ["the layer", () => ["layer", "-", "-o", "-"], []],
  ])("says nothing when nobody is left to read %s", async (_what, parameters, files) => {
    const command = start(parameters(scratch.file("out")));
    command.stdout.destroy();
    command.stdin.end(noise(1_000_000));
    expect(await command.ended).toMatchObject({ code: 1, stderr: "" });
    expect(readdirSync(scratch.path)).toEqual(files);
  });

  it("says nothing when nobody is left to read the named pipe", async () => {
    const pipe = scratch.file("pipe");
    execFileSync("mkfifo", [pipe]);
    const command = start(["layer", "-", "-o", pipe]);
    const fd = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const reader = new Socket({ fd, readable: true, writable: false });
    command.stdin.end(noise(1_000_000));
    await once(reader, "data");
    reader.destroy();
    expect(await command.ended).toMatchObject({ code: 1, stderr: "" });
  });
});
