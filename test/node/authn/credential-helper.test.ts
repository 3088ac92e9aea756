import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CredentialHelperError } from "../../../src/authn/index.js";
import { credentialHelper } from "../../../src/node/index.js";
import { useScratch } from "./scratch.js";

describe("credentialHelper", () => {
  const scratch = useScratch();
  const helper = (timeout?: number) => credentialHelper("test", { env: scratch.env, timeout });

  async function refusal(work: Promise<unknown>): Promise<CredentialHelperError> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CredentialHelperError);
    return error as CredentialHelperError;
  }

  it("runs docker-credential-NAME get with the server on stdin, and reads its answer", async () => {
    scratch.helper(
      "test",
      `printf '{"ServerURL":"%s","Username":"%s","Secret":"a \\"quoted\\" secret"}' "$input" "$1 $#"`,
    );
    expect(await helper().get("registry.example:5000")).toEqual({
      username: "get 1",
      secret: 'a "quoted" secret',
    });
  });

  it("waits for as long as it is told to, be that for ever", async () => {
    scratch.helper("test", `sleep 0.1; printf '{"Username":"u","Secret":"s"}'`);
    for (const timeout of [2 ** 31, Number.POSITIVE_INFINITY]) {
      expect(await helper(timeout).get("gcr.io")).toEqual({ username: "u", secret: "s" });
    }
  });

  it("gives it exactly the server, and the environment that it is told", async () => {
    scratch.helper("test", `printf '{"Username":"%s","Secret":"%s"}' "\${#input}" "$HOME"`);
    expect(await helper().get("gcr.io")).toEqual({ username: "6", secret: scratch.home });
  });

  it.each([
    ["on stdout", "echo credentials not found in native keychain; exit 1"],
    ["on stderr", "echo Error: Credentials not found >&2; exit 1"],
  ])("has nothing where the program says so %s", async (_where, script) => {
    scratch.helper("test", script);
    expect(await helper().get("gcr.io")).toBeUndefined();
  });

  it("says how the program failed, with its words", async () => {
    scratch.helper("test", "echo pass is not initialized; exit 7");
    const error = await refusal(helper().get("gcr.io"));
    expect(error.code).toBe("ERR_VARVE_CREDENTIAL_HELPER");
    expect(error.helper).toBe("test");
    expect(error.message).toBe(
      'credential helper docker-credential-test: it failed with exit code 7 at get: "pass is not initialized"',
    );
  });

  it("says so when the program was killed", async () => {
    scratch.helper("test", "kill -9 $$");
    expect((await refusal(helper().get("gcr.io"))).message).toContain("failed with a signal at get");
  });

  it.each([
    ["fails with a secret on stderr", "echo no luck with s3cret >&2; exit 1"],
    ["fails with credentials on stdout", `echo '{"Username":"u","Secret":"s3cret"}'; exit 1`],
    ["answers with something that is no JSON", "echo s3cret"],
    ["answers with JSON that is cut off", `printf '{"Username":"u","Secret":"s3cret'`],
    ["answers with an array", `echo '["s3cret"]'`],
    ["answers with numbers", `echo '{"Username":"u","Secret":5353535353}'`],
    ["answers with nothing", "exit 0"],
  ])("refuses one that %s, and repeats nothing of it", async (_what, script) => {
    scratch.helper("test", script);
    const error = await refusal(helper().get("gcr.io"));
    expect(`${error.stack} ${error.cause}`).not.toMatch(/s3cret|53535/);
  });

  it("says what to install where there is no such program", async () => {
    const missing = credentialHelper("desktop", { env: scratch.env });
    const error = await refusal(missing.get("gcr.io"));
    expect(error.message).toBe(
      "credential helper docker-credential-desktop: there is no such program on the PATH; install it (it comes with Docker Desktop), or take desktop out of credHelpers and credsStore",
    );
    expect(error.cause).toMatchObject({ code: "ENOENT" });
    expect((await refusal(helper().get("gcr.io"))).message).toContain("install it, or take test out");
  });

  it("says so of a program that must not be run", async () => {
    scratch.write("bin/docker-credential-test", "#!/bin/sh\n");
    const env = { PATH: scratch.file("bin") };
    const error = await refusal(credentialHelper("test", { env }).get("gcr.io"));
    expect(error.message).toContain("cannot be run (EACCES)");
  });

  it.each([
    "../../evil",
    "a/b",
    "/bin/sh",
    "a\\b",
    "",
    "a b",
    "a;b",
    "$(id)",
    "-x",
    ".",
    "a\n",
    "x".repeat(65),
  ])("refuses the name %j, and runs nothing", (name) => {
    expect(() => credentialHelper(name, { env: scratch.env })).toThrow(CredentialHelperError);
    expect(() => credentialHelper(name, { env: scratch.env })).toThrow("not the name of a credential helper");
  });

  it("takes a server for text, not for shell", async () => {
    scratch.helper("test", `printf '{"Username":"u","Secret":"%s"}' "$input"`);
    const server = `$(touch ${scratch.file("hacked")});x`;
    expect(await helper().get(server)).toEqual({ username: "u", secret: server });
    expect(existsSync(scratch.file("hacked"))).toBe(false);
  });

  it("ends one that takes too long", async () => {
    scratch.helper("test", `echo $$ > "$HOME/pid"; exec sleep 60`);
    const error = await refusal(helper(300).get("gcr.io"));
    expect(error.message).toContain("it did not end within 0.3 seconds, and was ended");
    await gone(scratch.file("pid"));
  });

  it("ends one that says too much", async () => {
    scratch.helper("test", `echo $$ > "$HOME/pid"; exec cat /dev/zero`);
    const error = await refusal(helper().get("gcr.io"));
    expect(error.message).toContain("it wrote more than 65536 bytes, and was ended");
    await gone(scratch.file("pid"));
  });

  it("ends one whose caller gives up, and throws the reason", async () => {
    scratch.helper("test", `echo $$ > "$HOME/pid"; exec sleep 60`);
    const controller = new AbortController();
    const asked = helper().get("gcr.io", controller);
    while (!existsSync(scratch.file("pid"))) await new Promise((resolve) => setTimeout(resolve, 5));
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await gone(scratch.file("pid"));
    await expect(helper().get("gcr.io", controller)).rejects.toBe(reason);
  });

  it("does not wait for what the program left running with its output", async () => {
    scratch.helper("test", `sleep 60 & echo $! > "$HOME/pid"; echo '{"Username":"u","Secret":"s"}'`);
    expect(await helper().get("gcr.io")).toEqual({ username: "u", secret: "s" });
    process.kill(Number(readFileSync(scratch.file("pid"), "utf8")));
  });

  it("does not mind one that ends without reading its input", async () => {
    const script = `#!/bin/sh\nexec <&-\necho '{"Username":"u","Secret":"s"}'\n`;
    scratch.helper("test", "");
    writeFileSync(scratch.file("bin/docker-credential-test"), script);
    expect(await helper().get("x".repeat(1_000_000))).toEqual({ username: "u", secret: "s" });
  });

  it("has credentials stored and forgotten", async () => {
    scratch.helper("test", `printf '%s %s\\n' "$1" "$input" >> "$HOME/log"`);
    await helper().store("gcr.io", { username: "u", secret: 's"' });
    await helper().erase("gcr.io");
    expect(scratch.read("log")).toBe(
      'store {"ServerURL":"gcr.io","Username":"u","Secret":"s\\""}\nerase gcr.io\n',
    );
  });

  it("does not mind forgetting what was not there, and fails where it cannot store", async () => {
    scratch.helper("test", "echo credentials not found in native keychain; exit 1");
    await helper().erase("gcr.io");
    await refusal(helper().store("gcr.io", { username: "u", secret: "s" }));
    scratch.helper("test", `echo cannot keep $input; echo cannot keep $input >&2; exit 1`);
    const error = await refusal(helper().store("gcr.io", { username: "u", secret: "s3cret" }));
    expect(error.message).toMatch(/failed with exit code 1 at store; run it by hand to see what it says/);
    expect(error.stack).not.toContain("s3cret");
  });

  /** Waits until the process is no more whose number stands in the file. */
  async function gone(file: string): Promise<void> {
    const pid = Number(readFileSync(file, "utf8"));
    expect(pid).toBeGreaterThan(1);
    for (;;) {
      try {
        process.kill(pid, 0);
      } catch {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});
