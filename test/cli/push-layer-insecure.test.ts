import { writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { useCertificate, useServers } from "../node/fetch/servers.js";
import { noise } from "./fixture/bytes.js";
import { run } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const TOKEN = "token-Zq7-given";

describe("varve push-layer --insecure, to a registry whose tokens come from elsewhere", () => {
  const scratch = useScratch();
  const certificate = useCertificate();
  const { start, startProxy } = useServers();

  /** A registry that lets in who has the token. */
  const registry =
    (realm: () => string): RequestListener =>
    (request, response) => {
      const statuses: Record<string, number> = { GET: 200, POST: 202, PATCH: 202, PUT: 201 };
      request.resume();
      request.once("end", () => {
        if (request.headers.authorization !== `Bearer ${TOKEN}`) {
          response.writeHead(401, { "www-authenticate": `Bearer realm="${realm()}",service="r"` }).end();
          return;
        }
        const location = "/v2/app/blobs/uploads/1";
        response.writeHead(statuses[request.method ?? ""] ?? 405, { location }).end();
      });
    };

  /** Pushes to `registry.test`, with tokens from such a place; names in `.test` are those of this machine to the proxy. */
  async function push(realmOf: (port: number) => string, { tls = true, env = {} } = {}) {
    const shown: (string | undefined)[] = [];
    const tokens = await start(
      (request, response) => {
        shown.push(request.headers.authorization);
        response.end(JSON.stringify({ token: TOKEN }));
      },
      realmOf(0).startsWith("https:") ? certificate() : undefined,
    );
    const { port } = await start(
      registry(() => realmOf(tokens.port)),
      tls ? certificate() : undefined,
    );
    const proxy = await startProxy();
    const authfile = scratch.file("auth.json");
    const auth = Buffer.from("ada:difference").toString("base64");
    writeFileSync(authfile, JSON.stringify({ auths: { [`registry.test:${port}`]: { auth } } }));
    const ending = await run(
      ["push-layer", `registry.test:${port}/app`, "--insecure", "--authfile", authfile],
      noise(10_000),
      { env: { HTTPS_PROXY: proxy.url, https_proxy: "", NO_PROXY: "", no_proxy: "", ...env } },
    );
    return { ...ending, shown };
  }

  it("shows no password to a token server of another host whose certificate nobody knows", async () => {
    const { code, stderr, shown } = await push((port) => `https://auth.test:${port}/token`);
    expect(code).toBe(5);
    expect(stderr).toMatch(/no answer from auth\.test:\d+: its certificate was not accepted/);
    expect(shown).toEqual([]);
  });

  it("shows it to one whose certificate the environment makes known", async () => {
    const env = { NODE_EXTRA_CA_CERTS: certificate().file };
    const { code, stderr, shown } = await push((port) => `https://auth.test:${port}/token`, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(shown).toEqual([`Basic ${Buffer.from("ada:difference").toString("base64")}`]);
  });

  it("shows it to one of the registry's own host, on another port", async () => {
    const { code, stderr, shown } = await push((port) => `https://registry.test:${port}/token`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(shown).toHaveLength(1);
  });

  it("shows it to none over http while the registry speaks https", async () => {
    const { code, stderr, shown } = await push((port) => `http://registry.test:${port}/token`);
    expect(code).toBe(1);
    expect(stderr).toContain("it is http, where anyone on the way could read the credentials");
    expect(shown).toEqual([]);
  });
});
