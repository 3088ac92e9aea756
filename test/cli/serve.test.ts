import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { noise, sha256 } from "./fixture/bytes.js";
import { type Command, run, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

describe("varve serve", () => {
  const scratch = useScratch();

  /** Starts it on a free port, with its temporary directory in the scratch one. */
  async function serve(...parameters: string[]): Promise<{ command: Command; url: string; host: string }> {
    const command = start(["serve", "--address", "127.0.0.1:0", ...parameters], {
      env: { TMPDIR: scratch.path },
    });
    const url = await command.firstLine();
    return { command, url, host: new URL(url).host };
  }

  it("prints one line on stdout, its URL, when it answers there", async () => {
    const { command, url } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/v2/`)).status).toBe(200);
    command.interrupt("SIGTERM");
    expect(await command.ended).toMatchObject({ code: 0, stdout: `${url}\n` });
  });

  it("takes a layer from push-layer and gives its bytes back", async () => {
    const { command, url, host } = await serve();
    const { stdout } = await run(["push-layer", `${host}/a/b`, "-", "-c", "none"], noise(500_000));
    expect(stdout).toBe(`${host}/a/b@${sha256(noise(500_000))}\n`);
    const blob = await fetch(`${url}/v2/a/b/blobs/${sha256(noise(500_000))}`);
    expect(Buffer.from(await blob.arrayBuffer()).equals(noise(500_000))).toBe(true);
    command.interrupt("SIGTERM");
    await command.ended;
  });

  it.each([
    ["SIGTERM", 0],
    ["SIGINT", 130],
    ["SIGHUP", 130],
  ] as const)("ends at %s with exit code %i, and removes its temporary directory", async (signal, code) => {
    const { command, host } = await serve();
    await run(["push-layer", `${host}/app`], noise(1000));
    expect(readdirSync(scratch.path)).toHaveLength(1);
    command.interrupt(signal);
    const ending = await command.ended;
    expect(ending).toMatchObject({ code, signal: null });
    expect(ending.stderr).toContain("until it ends; push to 127.0.0.1:");
    expect(ending.stderr.includes("varve: interrupted")).toBe(code !== 0);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("ends on the spot at the second signal, while an upload goes on, and removes its temporary directory", async () => {
    const { command, url } = await serve();
    const { host, hostname, port } = new URL(url);
    const location = (await fetch(`${url}/v2/app/blobs/uploads/`, { method: "POST" })).headers.get(
      "location",
    );
    const upload = connect(Number(port), hostname);
    upload.on("error", () => undefined);
    const path = new URL(location ?? "", url).pathname;
    upload.write(
      `PATCH ${path} HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    );
    await once(upload, "data");
    command.interrupt();
    await refused(url);
    command.interrupt();
    expect(await command.ended).toMatchObject({ code: 130, signal: null });
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("keeps everything in the directory of --disk, over a restart", async () => {
    const first = await serve("--disk", scratch.file("store"));
    await run(["push-layer", `${first.host}/app`, "-c", "none"], noise(1000));
    first.command.interrupt("SIGTERM");
    await first.command.ended;
    const second = await serve("--disk", scratch.file("store"));
    expect((await fetch(`${second.url}/v2/app/blobs/${sha256(noise(1000))}`)).status).toBe(200);
    second.command.interrupt("SIGTERM");
    expect(await second.command.ended).toMatchObject({ code: 0 });
    expect(existsSync(scratch.file("store"))).toBe(true);
    expect(readdirSync(scratch.path)).toEqual(["store"]);
  });

  it("keeps everything in memory with --memory, and refuses what is more, in one line each", async () => {
    const { command, host } = await serve("--memory", "1MiB");
    expect(readdirSync(scratch.path)).toEqual([]);
    expect(await run(["push-layer", `${host}/app`], noise(500_000))).toMatchObject({ code: 0 });
    const { code, stderr } = await run(["push-layer", `${host}/app`, "-l", "0"], noise(2_000_000));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^varve: [^\n]*its limit is 1048576 bytes[^\n]*\n$/);
    command.interrupt("SIGTERM");
    expect((await command.ended).stderr).toMatch(/^varve: the registry's memory store is full[^\n]*$/m);
  });

  it("tells of each request with --verbose, without its query", async () => {
    const { command, host } = await serve("--verbose");
    await run(["push-layer", `${host}/app`], noise(1000));
    command.interrupt("SIGTERM");
    const { stderr } = await command.ended;
    expect(stderr).toMatch(/^202 POST \/v2\/app\/blobs\/uploads\/ \d+ ms$/m);
    expect(stderr).toMatch(/^201 PUT \/v2\/app\/blobs\/uploads\/[^?\n]+ \d+ ms$/m);
  });

  it("says who can reach it when that is more than this machine", async () => {
    const command = start(["serve", "--address", "0.0.0.0:0", "--memory", "1MB"]);
    await command.firstLine();
    command.interrupt("SIGTERM");
    expect((await command.ended).stderr).toContain("there is no authentication: everyone who reaches port");
  });

  it("lets in only the user of --username, with the password on stdin", async () => {
    const command = start([
      "serve",
      "--address",
      "0.0.0.0:0",
      "--memory",
      "1MB",
      "-u",
      "me",
      "--password-stdin",
    ]);
    command.stdin.end("a secret: word\r\nnothing else\n");
    const url = (await command.firstLine()).replace("0.0.0.0", "127.0.0.1");
    const status = async (user: string): Promise<number> =>
      (await fetch(`${url}/v2/`, { headers: { authorization: `Basic ${btoa(user)}` } })).status;
    expect((await fetch(`${url}/v2/`)).headers.get("www-authenticate")).toMatch(/^Basic /);
    expect(await status("me:a secret: word")).toBe(200);
    expect(await status("me:a secret: word\r")).toBe(401);
    command.interrupt("SIGTERM");
    const { stderr } = await command.ended;
    expect(stderr).toContain("it speaks plain HTTP");
    expect(stderr).not.toContain("no authentication");
    expect(stderr).not.toContain("secret");
  });

  it("gives out tokens with --tokens, and lets everybody pull with --anonymous-pull", async () => {
    const flags = ["--memory", "1MB", "-u", "me", "--password-stdin", "--tokens", "--anonymous-pull"];
    const command = start(["serve", "--address", "127.0.0.1:0", ...flags]);
    command.stdin.end("secret");
    const url = await command.firstLine();
    expect((await fetch(`${url}/v2/`)).headers.get("www-authenticate")).toContain(
      `Bearer realm="${url}/token"`,
    );
    const answer = await fetch(`${url}/token?scope=repository:a:pull,push`);
    expect(await answer.json()).toMatchObject({ scope: "repository:a:pull" });
    command.interrupt("SIGTERM");
    await command.ended;
  });

  it("lets pages in with --cors, and takes sparse indexes with --sparse-indexes", async () => {
    const { command, url } = await serve(
      "--cors",
      "https://a.example",
      "--cors",
      "http://b.example",
      "--sparse-indexes",
    );
    for (const origin of ["https://a.example", "http://b.example"]) {
      const { headers } = await fetch(`${url}/v2/`, { headers: { origin } });
      expect(headers.get("access-control-allow-origin")).toBe(origin);
    }
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const index = { manifests: [{ mediaType, digest: sha256(noise(1)), size: 1 }] };
    const put = { method: "PUT", headers: { "content-type": mediaType }, body: JSON.stringify(index) };
    expect((await fetch(`${url}/v2/a/manifests/t`, put)).status).toBe(201);
    command.interrupt("SIGTERM");
    await command.ended;
    const all = await serve("--cors", "*");
    const { headers } = await fetch(`${all.url}/v2/`, { headers: { origin: "https://any.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    all.command.interrupt("SIGTERM");
    await all.command.ended;
  });

  it.each([
    [["-u", "me"], "--password-stdin"],
    [["--cors", "a.example"], "no origin"],
  ])("calls %j a usage error, and says what is wrong", async (flags, words) => {
    const { code, stdout, stderr } = await run(["serve", "--address", "127.0.0.1:0", ...flags], "", {
      env: { TMPDIR: scratch.path },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^varve: [^\n]+\n$/);
    expect(stderr).toContain(words);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("says that the address is in use, and ends with exit code 1", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ending = await run(["serve", "--address", `127.0.0.1:${port}`], "", {
      env: { TMPDIR: scratch.path },
    });
    server.close();
    expect(ending).toMatchObject({ code: 1, stdout: "" });
    expect(ending.stderr).toMatch(/^varve: 127\.0\.0\.1:\d+ is in use already; [^\n]+\n$/);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it("says that a directory holds something else, and ends with exit code 1", async () => {
    const { code, stderr } = await run(["serve", "--address", "127.0.0.1:0", "--disk", import.meta.dirname]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^varve: \S+ is not empty and holds no registry[^\n]*\n$/);
  });
});

/** Waits until nobody listens at a URL any more. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/v2/`, { headers: { connection: "close" } });
    } catch {
      return;
    }
  }
}
