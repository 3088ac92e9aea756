import { once } from "node:events";
import { openSync } from "node:fs";
import { type AddressInfo, createServer, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { noise } from "./fixture/bytes.js";
import { run, runInShell, start } from "./fixture/command.js";
import { type Answerer, refusing, useStubRegistries } from "./fixture/stub-registry.js";

const SESSION = "/v2/app/blobs/uploads/1";

describe("varve push-layer, when the registry refuses", () => {
  const startStub = useStubRegistries();

  it.each([
    [401, 3, "UNAUTHORIZED", "authentication required"],
    [403, 3, "DENIED", "requested access to the resource is denied"],
    [404, 4, "NAME_UNKNOWN", "repository name not known to registry"],
    [500, 1, "UNKNOWN", "something broke"],
  ])(
    "acceptance 44: tells of status %i for an upload, and ends with exit code %i",
    async (status, exitCode, code, message) => {
      const stub = await startStub(refusing("POST", status, code, message));
      const ending = await run(["push-layer", `${stub.host}/app`], noise(1000));
      expect(ending).toMatchObject({ code: exitCode, stdout: "" });
      expect(ending.stderr).toMatch(/^varve: [^\n]+\n$/);
      expect(ending.stderr).toContain(`${code}: ${message}`);
    },
  );

  it.each([
    [403, 3],
    [404, 4],
    [503, 1],
  ])(
    "acceptance 47: tells of status %i in the middle, ends with exit code %i, and has the session forgotten",
    async (status, exitCode) => {
      const stub = await startStub(refusing("PATCH", status, "DENIED", "not this one"));
      const ending = await run(["push-layer", `${stub.host}/app`], noise(1_000_000));
      expect(ending).toMatchObject({ code: exitCode, stdout: "" });
      expect(ending.stderr).toMatch(/^varve: [^\n]*DENIED: not this one[^\n]*\n$/);
      expect(stub.requests.at(-1)).toBe(`DELETE ${SESSION}`);
    },
  );

  it("does not wait for its input when the registry refuses it", async () => {
    const stub = await startStub(refusing("POST", 403, "DENIED", "no"));
    const command = start(["push-layer", `${stub.host}/app`]);
    command.stdin.write("the beginning of something that does not end");
    expect(await command.ended).toMatchObject({ code: 3 });
  });

  it("shows stacks and causes with --verbose only, before or after the command, and never a secret of a URL", async () => {
    const stub = await startStub(refusing("PATCH", 500, "UNKNOWN", "broken"));
    const parameters = ["push-layer", `${stub.host}/app`];
    const [plain, before, after] = await Promise.all([
      run(parameters, noise(1000)),
      run(["--verbose", ...parameters], noise(1000)),
      run([...parameters, "-v"], noise(1000)),
    ]);
    expect(plain.stderr).not.toContain("    at ");
    for (const { code, stderr } of [before, after]) {
      expect(code).toBe(1);
      expect(stderr).toMatch(/^varve: RegistryError: .*broken/);
      expect(stderr).toContain("\n    at ");
    }
    expect(plain.stderr + before.stderr + after.stderr).not.toContain("s3cret");
  });

  it("does not repeat a password that was typed as part of a name", async () => {
    const ending = await run(["push-layer", "user:hunter2@registry.example/app", "--verbose"]);
    expect(ending.code).toBe(2);
    expect(ending.stderr).not.toContain("hunter2");
  });

  it("tells where the layer is when only its line could not be printed", async () => {
    const stub = await startStub();
    const command = start(["push-layer", `${stub.host}/app`], {
      stdio: ["pipe", openSync("/dev/full", "w"), "pipe"],
    });
    command.stdin.end(noise(1000));
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^varve: cannot write stdout: [^\n]*; the layer was pushed all the same, as \S+@sha256:[0-9a-f]{64}\n$/,
    );
  });

  it("says nothing when nobody is left to read its line", async () => {
    const stub = await startStub();
    const command = start(["push-layer", `${stub.host}/app`]);
    command.stdout.destroy();
    command.stdin.end(noise(1000));
    expect(await command.ended).toMatchObject({ code: 1, stderr: "" });
    expect(stub.requests).toContain(`PUT ${SESSION}`);
  });
});

describe("varve push-layer, when the registry cannot be reached", () => {
  const startStub = useStubRegistries();

  it("says that the connection was refused, and ends with exit code 5", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const { code, stdout, stderr } = await run(["push-layer", `127.0.0.1:${port}/app`], noise(1000));
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(/^varve: cannot reach the registry at 127\.0\.0\.1:\d+ [^\n]*refused[^\n]*\n$/);
  });

  it("says that the host name cannot be found, and ends with exit code 5", async () => {
    const env = { HTTPS_PROXY: "", https_proxy: "" };
    const { code, stderr } = await run(["push-layer", "registry.invalid/app"], noise(1000), { env });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^varve: cannot reach the registry at registry\.invalid [^\n]*host name[^\n]*\n$/);
  });

  it("says that the connection broke, and ends with exit code 5", async () => {
    const breaking: Answerer = (request) => {
      if (request.method === "PATCH") {
        request.once("data", () => request.socket.resetAndDestroy());
        return true;
      }
      return false;
    };
    const stub = await startStub(breaking);
    const { code, stderr } = await run(["push-layer", `${stub.host}/app`], noise(3_000_000));
    expect(code).toBe(5);
    expect(stderr).toMatch(/^varve: PATCH [^\n]*\n$/);
  });
});

describe("varve push-layer, when its input cannot be read", () => {
  const startStub = useStubRegistries();

  it.each([
    ["a file that is not there", "missing.tar", "no such file or directory (ENOENT)"],
    ["a directory", import.meta.dirname, "it is a directory"],
  ])("says so of %s before it asks the registry", async (_what, file, text) => {
    const stub = await startStub();
    const { code, stdout, stderr } = await run(["push-layer", `${stub.host}/app`, file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^varve: [^\n]+\n$/);
    expect(stderr).toContain(`cannot read ${file}: ${text}`);
    expect(stub.requests).toEqual([]);
  });

  it("says so of a stdin that is closed, and pushes no empty layer", async () => {
    const stub = await startStub();
    const { code, stdout, stderr } = await runInShell('exec "$@" <&-', ["push-layer", `${stub.host}/app`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^varve: cannot read stdin: it is closed; [^\n]+\n$/);
    expect(stub.requests).toEqual([]);
  });

  it("says so of a file that cannot be read on, commits nothing, and has the session forgotten", async () => {
    const stub = await startStub();
    const { code, stderr } = await run(["push-layer", `${stub.host}/app`, "/proc/self/mem"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "varve: cannot read /proc/self/mem: i/o error (EIO)\n",
    });
    expect(stub.requests).toContain(`DELETE ${SESSION}`);
    expect(stub.requests).not.toContain(`PUT ${SESSION}`);
  });

  it("says so of a stdin that is a connection which breaks, commits nothing, and has the session forgotten", async () => {
    const stub = await startStub();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const accepted = once(server, "connection");
    const stdin = new Socket().pause().connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(stdin, "connect");
    const [connection] = (await accepted) as [Socket];
    const command = start(["push-layer", `${stub.host}/app`, "-c", "none"], {
      stdio: [stdin, "pipe", "pipe"],
    });
    // Whole segments, so that none of it waits for more: when it has all arrived, the command reads on in vain. (Of a reset that
    // overtakes data, Node's streams only see the end.)
    connection.write(noise(2 ** 20));
    await stub.sent(2 ** 20);
    connection.resetAndDestroy();
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^varve: cannot read stdin: [^\n]*ECONNRESET[^\n]*\n$/);
    expect(stub.requests).toContain(`DELETE ${SESSION}`);
    expect(stub.requests).not.toContain(`PUT ${SESSION}`);
    stdin.destroy();
    server.close();
  });
});
