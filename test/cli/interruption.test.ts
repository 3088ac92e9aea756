import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { noise } from "./fixture/bytes.js";
import { start } from "./fixture/command.js";
import { temporaryFile, useScratch } from "./fixture/scratch.js";
import { type Answerer, useStubRegistries } from "./fixture/stub-registry.js";

const SESSION = "/v2/app/blobs/uploads/1";

describe("a signal in the middle of varve push-layer", () => {
  const startStub = useStubRegistries();

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s has the registry forget the upload, and ends with exit code 130 and one line",
    async (signal) => {
      const stub = await startStub();
      const command = start(["push-layer", `${stub.host}/app`]);
      command.stdin.write(noise(2_000_000));
      await stub.sent(1);
      command.interrupt(signal);
      expect(await command.ended).toEqual({
        code: 130,
        signal: null,
        stdout: "",
        stderr: `varve: interrupted by ${signal}; the push was not confirmed\n`,
      });
      expect(stub.requests.at(-1)).toBe(`DELETE ${SESSION}`);
      expect(stub.requests).not.toContain(`PUT ${SESSION}`);
    },
  );

  it("ends a push whose registry does not answer", async () => {
    const silent: Answerer = (request) => request.method === "GET";
    const stub = await startStub(silent);
    const command = start(["push-layer", `${stub.host}/app`]);
    await stub.asked("GET /v2/");
    command.interrupt();
    expect(await command.ended).toMatchObject({ code: 130 });
  });

  it("ends on the spot at the second signal, without the message that the first one leads to", async () => {
    const silent: Answerer = (request) => request.method === "DELETE";
    const stub = await startStub(silent);
    const command = start(["push-layer", `${stub.host}/app`]);
    command.stdin.write(noise(2_000_000));
    await stub.sent(1);
    command.interrupt();
    await stub.asked(`DELETE ${SESSION}`);
    command.interrupt();
    expect(await command.ended).toEqual({ code: 130, signal: null, stdout: "", stderr: "" });
  });
});

describe("a signal in the middle of varve layer", () => {
  const scratch = useScratch();

  it("leaves no output and no other file, and ends with exit code 130 and one line", async () => {
    const out = scratch.file("out");
    const command = start(["layer", "-", "-o", out]);
    const begun = temporaryFile(scratch.path);
    command.stdin.write(noise(2_000_000));
    await begun;
    command.interrupt();
    expect(await command.ended).toEqual({
      code: 130,
      signal: null,
      stdout: "",
      stderr: `varve: interrupted by SIGINT; ${out} was not written\n`,
    });
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("leaves the file that was there as it was", async () => {
    writeFileSync(scratch.file("out"), "before");
    const command = start(["layer", "-", "-o", scratch.file("out")]);
    const begun = temporaryFile(scratch.path);
    command.stdin.write(noise(2_000_000));
    await begun;
    command.interrupt("SIGTERM");
    expect(await command.ended).toMatchObject({ code: 130 });
    expect(readdirSync(scratch.path)).toEqual(["out"]);
    expect(readFileSync(scratch.file("out"), "utf8")).toBe("before");
  });

  it("ends one that writes to a pipe which nobody reads on", async () => {
    const command = start(["layer", "-", "-o", "-"]);
    const begun = once(command.stdout, "data");
    command.stdin.write(noise(8_000_000));
    await begun;
    command.stdout.pause();
    command.interrupt();
    command.child.once("exit", () => command.stdout.resume());
    expect(await command.ended).toMatchObject({
      code: 130,
      stderr: "varve: interrupted by SIGINT; the output is incomplete\n",
    });
  });

  it("ends one that reads a named pipe which nobody writes to", async () => {
    const pipe = scratch.file("pipe");
    execFileSync("mkfifo", [pipe]);
    const begun = temporaryFile(scratch.path);
    const command = start(["layer", pipe, "-o", scratch.file("out")]);
    await begun;
    command.interrupt();
    expect(await command.ended).toMatchObject({ code: 130, signal: null });
    expect(readdirSync(scratch.path)).toEqual(["pipe"]);
  });

  it("ends one that waits for the reader of a named pipe", async () => {
    const [source, pipe] = [scratch.file("source"), scratch.file("pipe")];
    execFileSync("mkfifo", [source, pipe]);
    const command = start(["layer", source, "-o", pipe]);
    // The system lets it be opened for writing once the command has opened it for reading, which it does first.
    const writer = await open(source, "w");
    command.interrupt();
    expect(await command.ended).toMatchObject({
      code: 130,
      signal: null,
      stderr: `varve: interrupted by SIGINT; ${pipe} was not written\n`,
    });
    await writer.close();
  });
});
