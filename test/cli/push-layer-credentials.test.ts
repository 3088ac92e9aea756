import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RegistryServer, serveRegistry } from "../../src/node/index.js";
import { noise } from "./fixture/bytes.js";
import { run } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

describe("varve push-layer, to a registry that lets only users in", () => {
  const scratch = useScratch();
  let server: RegistryServer;
  let repository: string;

  beforeAll(async () => {
    server = await serveRegistry({
      address: "127.0.0.1:0",
      auth: { scheme: "bearer", users: { ada: "difference" } },
    });
    repository = `${authority()}/app`;
  });
  afterAll(() => server.close());

  const authority = (): string => new URL(server.url).host;
  const authFile = (password: string): string => {
    const file = scratch.file("auth.json");
    const auth = Buffer.from(`ada:${password}`).toString("base64");
    writeFileSync(file, JSON.stringify({ auths: { [authority()]: { auth } } }));
    return file;
  };
  /** Without what whoever runs the tests may have logged in to. */
  const nobody = (): Record<string, string> => ({
    HOME: scratch.path,
    REGISTRY_AUTH_FILE: "",
    DOCKER_CONFIG: "",
    XDG_RUNTIME_DIR: "",
    XDG_CONFIG_HOME: "",
  });
  const push = (flags: string[], env: Record<string, string> = {}) =>
    run(["push-layer", repository, ...flags], noise(100_000), { env: { ...nobody(), ...env } });

  it("takes the credentials of --authfile, and says nothing of them", async () => {
    const { code, stderr } = await push(["--authfile", authFile("difference")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("takes those of REGISTRY_AUTH_FILE, and tells with --verbose which file gave them", async () => {
    const file = authFile("difference");
    const { code, stderr } = await push(["--verbose"], { REGISTRY_AUTH_FILE: file });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `credentials for ${authority()}: from ${file}\n`,
    });
  });

  it("ends with exit code 3 without credentials, and with wrong ones, which it does not show", async () => {
    expect((await push([])).code).toBe(3);
    const { code, stderr } = await push(["--verbose", "--authfile", authFile("s3cret")]);
    expect(code).toBe(3);
    expect(stderr).not.toContain("s3cret");
    expect(stderr).not.toContain(Buffer.from("ada:s3cret").toString("base64"));
  });

  it("ends with exit code 3 if --authfile names no file", async () => {
    const { code, stderr } = await push(["--authfile", scratch.file("missing.json")]);
    expect(code).toBe(3);
    expect(stderr).toContain("missing.json");
  });

  it("sends the layer in chunks where it is asked to, to the same digest", async () => {
    const file = authFile("difference");
    const [streamed, chunked] = await Promise.all([
      push(["--authfile", file]),
      push(["--authfile", file, "--upload", "chunked", "--chunk-size", "16KiB"]),
    ]);
    expect(chunked.code).toBe(0);
    expect(chunked.stdout).toBe(streamed.stdout);
  });
});
