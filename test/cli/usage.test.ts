import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/cli/version.js";
import { run } from "./fixture/command.js";

const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"));

describe("varve", () => {
  it("has the version of its package", async () => {
    expect(VERSION).toBe(manifest.version);
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: "" });
  });

  it("prints a help that names every command, the exit codes and an example", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const text of ["push-layer", "layer", "serve", "Exit codes:", "130 interrupted", "$ tar -c"]) {
      expect(stdout).toContain(text);
    }
  });

  it.each(["push-layer", "layer", "serve"])(
    "prints a help for %s with its options, examples, exit codes and no line too wide for a terminal",
    async (command) => {
      const { code, stdout, stderr } = await run([command, "--help"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const text of [`Usage: varve ${command}`, "Options:", "--verbose", "Examples:", "Exit codes:"]) {
        expect(stdout).toContain(text);
      }
      expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
    },
  );

  it("prints the same help for `help COMMAND` as for `COMMAND --help`", async () => {
    const [asked, option] = await Promise.all([run(["help", "layer"]), run(["layer", "--help"])]);
    expect(asked).toEqual(option);
  });

  it("prints its help on stderr when there is no command, and ends with exit code 2", async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: varve");
    expect(stderr).toContain("varve: a command is missing");
  });

  it.each([
    ["an unknown command", ["push"], "unknown command 'push'"],
    ["an empty media type", ["push-layer", "localhost:1/a", "--media-type", ""], "of the form type/subtype"],
    ["an unknown option", ["layer", "-o", "x", "--fast"], "unknown option '--fast'"],
    ["a misspelt option, with a suggestion", ["layer", "-o", "x", "--levle", "1"], "Did you mean --level?"],
    ["a missing repository", ["push-layer"], "missing required argument 'REPOSITORY'"],
    ["a missing output", ["layer", "in.tar"], "required option '-o, --output <OUT>' not specified"],
    ["one argument too many", ["layer", "a", "b", "-o", "c"], "too many arguments"],
    ["an option without its value", ["layer", "in.tar", "-o"], "argument missing"],
    [
      "a level that is no number",
      ["layer", "-o", "x", "--level", "best"],
      "'best' is invalid. It must be a whole number",
    ],
    ["a level that is no whole number", ["layer", "-o", "x", "--level", "1.5"], "'1.5' is invalid"],
    [
      "a number of threads that is none",
      ["layer", "-o", "x", "--threads", "many"],
      "a whole number, or auto",
    ],
    ["no thread at all", ["layer", "-o", "x", "--threads", "0"], 'use an integer from 1 to 64, or "auto"'],
    [
      "an unknown hash",
      ["push-layer", "localhost:1/a", "--sha256", "md5"],
      "Allowed choices are wasm, native",
    ],
    [
      "an unknown compression",
      ["layer", "-o", "x", "--compression", "zip"],
      "Allowed choices are gzip, none",
    ],
    [
      "a level for no compression",
      ["layer", "-o", "x", "-c", "none", "-l", "1"],
      "--compression none has no levels",
    ],
    ["a memory limit that is no size", ["serve", "--memory", "lots"], "such as 512MiB"],
    ["an address without a port", ["serve", "--address", "localhost"], "expected HOST:PORT"],
    ["both kinds of storage", ["serve", "--memory", "1MiB", "--disk", "/tmp/x"], "give one of the two"],
    ["a repository with capitals", ["push-layer", "localhost:5000/App"], '"App" has the character "A"'],
    ["an empty repository", ["push-layer", ""], "the repository is missing"],
    ["a URL for a repository", ["push-layer", "http://localhost:5000/app"], "leave the URL scheme out"],
  ])("refuses %s with one line and exit code 2", async (_what, parameters, text) => {
    const { code, stdout, stderr } = await run(parameters);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^varve: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });

  it.each([
    ["push-layer", ["push-layer", "localhost:5000/app"]],
    ["layer", ["layer", "-o", "x"]],
  ])("names the range when %s is given a level that does not exist", async (_command, parameters) => {
    const { code, stderr } = await run([...parameters, "--level", "-7"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^varve: compression level -7 is not available: use an integer from -2 to 12 .*\n$/,
    );
  });

  it.each(["localhost:5000/app:latest", `localhost:5000/app@sha256:${"0".repeat(64)}`])(
    "tells the repository to push to when %s names more than that",
    async (reference) => {
      const { code, stderr } = await run(["push-layer", reference]);
      expect(code).toBe(2);
      expect(stderr).toContain("push it to localhost:5000/app\n");
    },
  );
});
