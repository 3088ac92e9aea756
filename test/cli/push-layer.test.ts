import { writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RegistryServer, serveRegistry } from "../../src/node/index.js";
import { noise, sha256 } from "./fixture/bytes.js";
import { run } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";
import { useStubRegistries } from "./fixture/stub-registry.js";

const TAR = Buffer.concat([Buffer.alloc(700_000, "a layer is laid down. "), noise(300_001)]);

describe("varve push-layer", () => {
  const scratch = useScratch();
  const startStub = useStubRegistries();
  let registry: RegistryServer;
  let host: string;

  beforeAll(async () => {
    registry = await serveRegistry({ address: "127.0.0.1:0" });
    host = new URL(registry.url).host;
  });
  afterAll(() => registry.close());

  async function pull(path: string, digest: string): Promise<Buffer> {
    const response = await fetch(`${registry.url}/v2/${path}/blobs/${digest}`);
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }

  it("puts stdin into the registry and prints REPOSITORY@DIGEST, and nothing else", async () => {
    const { code, stdout, stderr } = await run(["push-layer", `${host}/app`], TAR);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [, digest = ""] = stdout.match(/^127\.0\.0\.1:\d+\/app@(sha256:[0-9a-f]{64})\n$/) ?? [];
    const blob = await pull("app", digest);
    expect(sha256(blob)).toBe(digest);
    expect(gunzipSync(blob).equals(TAR)).toBe(true);
  });

  it("puts the same layer of a file there, and prints one JSON object with --json", async () => {
    writeFileSync(scratch.file("in.tar"), TAR);
    const { stdout } = await run(["push-layer", `${host}/app`, scratch.file("in.tar"), "--json"]);
    const { digest, seconds, ...rest } = JSON.parse(stdout);
    const blob = await pull("app", digest);
    expect(seconds).toBeGreaterThan(0);
    expect(rest).toEqual({
      repository: `${host}/app`,
      mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      diffID: sha256(TAR),
      size: blob.length,
      uncompressedSize: TAR.length,
      threads: 1,
    });
    expect((await run(["push-layer", `${host}/app`], TAR)).stdout).toBe(`${host}/app@${digest}\n`);
  });

  it("pushes the same layer with several threads and the runtime's own hash", async () => {
    const { stdout } = await run(["push-layer", `${host}/app`], TAR);
    const flags = ["--threads", "2", "--sha256", "native"];
    expect(await run(["push-layer", `${host}/app`, ...flags], TAR)).toMatchObject({ code: 0, stdout });
  });

  it("takes a media type as it is", async () => {
    const type = "application/vnd.oci.image.layer.v1.tar+gzip";
    const { stdout } = await run(["push-layer", `${host}/app`, "--json", "--media-type", type], TAR);
    expect(JSON.parse(stdout).mediaType).toBe(type);
  });

  it("pushes the input as it is with --compression none", async () => {
    const { stdout } = await run(["push-layer", `${host}/app`, "-", "--compression", "none"], TAR);
    expect(stdout).toBe(`${host}/app@${sha256(TAR)}\n`);
    expect((await pull("app", sha256(TAR))).equals(TAR)).toBe(true);
  });

  it("speaks plain HTTP to a registry of any name with --insecure only", async () => {
    const stub = await startStub();
    const repository = `${stub.host.replace("127.0.0.1", "0.0.0.0")}/app`;
    expect(await run(["push-layer", repository], TAR)).toMatchObject({ code: 5 });
    expect(stub.requests).toEqual([]);
    expect(await run(["push-layer", repository, "--insecure"], TAR)).toMatchObject({ code: 0, stderr: "" });
    expect(stub.requests).toContain("PUT /v2/app/blobs/uploads/1");
  });

  it("prints nothing about progress when stderr is no terminal, whatever the environment says", async () => {
    const environment = { FORCE_COLOR: "1", TERM: "xterm-256color" };
    const { stderr } = await run(["push-layer", `${host}/app`], noise(3_000_000), { env: environment });
    expect(stderr).toBe("");
  });
});
