import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import { newFetch } from "../../../src/node/index.js";
import { writeLayer } from "../../../src/remote/index.js";
import { oneShot } from "../../../src/remote/transport/one-shot.js";
import { newLayer } from "../../../src/stream/index.js";
import { noise } from "../../cli/fixture/bytes.js";
import { useCertificate } from "./servers.js";

const certificate = useCertificate();
const processes: { kill: () => void }[] = [];
afterEach(() => {
  for (const each of processes.splice(0)) each.kill();
});

/** Starts the server of `refusing-server.mjs`; gives its port. */
async function startRefusing(...files: string[]): Promise<string> {
  const program = resolve(import.meta.dirname, "refusing-server.mjs");
  const child = spawn(process.execPath, [program, ...files], { stdio: ["ignore", "pipe", "inherit"] });
  processes.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return String(line).trim();
}

/** Sends what has no end, from a source that keeps the process as busy as compressing does: nothing is read meanwhile. */
async function upload(send: typeof fetch, url: string) {
  let pieces = 0;
  let settled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        for (const end = performance.now() + 3; performance.now() < end; );
        if (settled || ++pieces === 500) controller.close();
        else controller.enqueue(new Uint8Array(65_536));
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: "PATCH", body, duplex: "half", ...oneShot() } as RequestInit;
  try {
    const answer = await send(url, init);
    return { status: answer.status, text: await answer.text(), pieces };
  } finally {
    settled = true;
  }
}

const refused = { status: 403, text: expect.stringContaining("over quota") };

it("reads the answer to an upload that was refused at once, though the connection was reset meanwhile", async () => {
  const url = `http://127.0.0.1:${await startRefusing()}/`;
  for (let i = 0; i < 8; i++) {
    expect(await upload(newFetch({ env: {} }), url)).toMatchObject(refused);
  }
});

it("reads it over TLS too", async () => {
  const { file } = certificate();
  const url = `https://127.0.0.1:${await startRefusing(file, file.replace("cert.pem", "key.pem"))}/`;
  for (let i = 0; i < 8; i++) {
    expect(await upload(newFetch({ env: {}, insecure: true }), url)).toMatchObject(refused);
  }
});

it("takes no more of the body once the connection is gone", async () => {
  const url = `http://127.0.0.1:${await startRefusing()}/`;
  const { pieces } = await upload(newFetch({ env: {} }), url);
  await setTimeout(20);
  expect(pieces).toBeLessThan(100);
});

it("lets a push that is refused in the middle tell why", async () => {
  const repository = newRepository(`127.0.0.1:${await startRefusing()}/app`);
  async function* endless() {
    for (;;) yield noise(200_000);
  }
  for (let i = 0; i < 4; i++) {
    const layer = newLayer(endless(), { compressionLevel: 6 });
    const refusal = await writeLayer(repository, layer, { fetch: newFetch({ env: {} }) }).catch(
      (error) => error,
    );
    expect(refusal).toMatchObject({ name: "RegistryError", code: "ERR_VARVE_DENIED" });
    expect(refusal.message).toContain("DENIED: over quota");
  }
});
