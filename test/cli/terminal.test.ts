import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { noise } from "./fixture/bytes.js";
import { Command, type Ending, program } from "./fixture/command.js";
import { temporaryFile, useScratch } from "./fixture/scratch.js";
import { useStubRegistries } from "./fixture/stub-registry.js";

/** util-linux's `script` gives a command a terminal; the BSDs' takes other options. */
const hasTerminals =
  spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;
const required = process.env.VARVE_TEST_REQUIRE === "all";

/** Starts a line of shell on a terminal of the given width; what it prints comes back as stdout. */
function startOnTerminal(
  line: string,
  environment: Readonly<Record<string, string>> = {},
  columns = 80,
): Command {
  const env = { NODE: process.execPath, VARVE: program, TERM: "xterm", ...environment };
  return new Command("script", ["-qec", `stty cols ${columns}; ${line}`, "/dev/null"], { env });
}

function onTerminal(...parameters: Parameters<typeof startOnTerminal>): Promise<Ending> {
  return startOnTerminal(...parameters).ended;
}

describe.runIf(hasTerminals || required)("varve on a terminal", () => {
  const scratch = useScratch();
  const startStub = useStubRegistries();

  it.each([
    ["push-layer", "push-layer localhost:5000/app"],
    ["layer", "layer - -o out"],
    ["a file that is a terminal", "layer /dev/tty -o out"],
  ])("refuses to read a layer from it (%s), with advice and exit code 2", async (_what, parameters) => {
    const { code, stdout } = await onTerminal(`"$NODE" "$VARVE" ${parameters}`);
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^varve: (stdin|\/dev\/tty) is a terminal; [^\n]*tar -c -C DIRECTORY \. \| varve \.\.\.\r\n$/,
    );
  });

  it.each(["-", "/dev/tty"])("refuses to write a layer to it (-o %s)", async (output) => {
    const { code, stdout } = await onTerminal(`"$NODE" "$VARVE" layer /dev/null -o ${output}`);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^varve: (stdout|\/dev\/tty) is a terminal, [^\n]*\r\n$/);
  });

  it("shows progress on one line, and leaves its last state above the result", async () => {
    writeFileSync(scratch.file("in"), noise(3_000_000));
    const stub = await startStub();
    const { code, stdout } = await onTerminal(
      `"$NODE" "$VARVE" push-layer ${stub.host}/app ${scratch.file("in")}`,
    );
    expect(code).toBe(0);
    const [progress = "", result = "", ...rest] = stdout.split("\r\n");
    expect(rest).toEqual([""]);
    expect(result).toMatch(/^\S+@sha256:[0-9a-f]{64}$/);
    const last = progress.split("\r").at(-1)?.replace("\x1b[K", "<erase>");
    expect(last).toMatch(/^100 % +3\.0 MB in +3\.0 MB out +[\d.]+ MB\/s<erase>$/);
  });

  it("uses no colours, NO_COLOR or not", async () => {
    writeFileSync(scratch.file("in"), noise(300_000));
    const line = `"$NODE" "$VARVE" layer ${scratch.file("in")} -o ${scratch.file("out")}`;
    for (const environment of [{}, { NO_COLOR: "1" }]) {
      const { stdout } = await onTerminal(line, environment);
      expect(stdout).toContain("MB/s");
      expect(stdout.replaceAll("\x1b[K", "")).not.toContain("\x1b");
    }
  });

  it("shows no progress on a dumb terminal", async () => {
    writeFileSync(scratch.file("in"), noise(300_000));
    const line = `"$NODE" "$VARVE" layer ${scratch.file("in")} -o ${scratch.file("out")}`;
    const { stdout } = await onTerminal(line, { TERM: "dumb" });
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64} {2}\S+\r\n$/);
  });

  it("keeps to the width of the terminal", async () => {
    writeFileSync(scratch.file("in"), noise(3_000_000));
    const line = `"$NODE" "$VARVE" layer ${scratch.file("in")} -o ${scratch.file("out")}`;
    const { stdout } = await onTerminal(line, {}, 20);
    const drawings = stdout.split("\r\n")[0]?.split("\r") ?? [];
    const widths = drawings.map((drawing) => drawing.replace("\x1b[K", "").length);
    expect(Math.max(...widths)).toBe(19);
  });

  it("takes the progress from the screen before it tells of a failure", async () => {
    writeFileSync(scratch.file("in"), noise(30_000_000));
    const { code, stdout } = await onTerminal(`"$NODE" "$VARVE" layer ${scratch.file("in")} -o /dev/full`);
    expect(code).toBe(1);
    expect(stdout.replaceAll("\x1b[K", "<erase>")).toMatch(
      /(^|\r<erase>)varve: cannot write \/dev\/full: [^\n]*\r\n$/,
    );
  });

  it("ends at Ctrl-C as at SIGINT, and leaves nothing", async () => {
    const [pipe, out] = [scratch.file("pipe"), scratch.file("out")];
    execFileSync("mkfifo", [pipe]);
    const begun = temporaryFile(scratch.path);
    const command = startOnTerminal(`"$NODE" "$VARVE" layer ${pipe} -o ${out}`);
    await begun;
    command.stdin.write("\x03");
    const { code, stdout } = await command.ended;
    expect(code).toBe(130);
    expect(stdout).toContain(`varve: interrupted by SIGINT; ${out} was not written\r\n`);
    expect(readdirSync(scratch.path)).toEqual(["pipe"]);
  });
});
