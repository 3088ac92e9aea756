import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { StubRegistry } from "../../remote/fixture/stub-registry.js";

const root = resolve(import.meta.dirname, "../../..");

/** Pushes as many MiB as it is told, uncompressed, and prints the most memory that it had, in KiB. */
const PUSH = `
  import { name, remote, stream } from "varve";
  import { newFetch } from "varve/node";
  const [repository, mebibytes] = process.argv.slice(1);
  async function* source() {
    for (let i = 0; i < Number(mebibytes); i++) yield new Uint8Array(1 << 20).fill(i);
  }
  const layer = stream.newLayer(source(), { compression: "none" });
  await remote.writeLayer(name.newRepository(repository), layer, { fetch: newFetch() });
  console.log(process.resourceUsage().maxRSS);
`;

async function peakOfPushing(mebibytes: number): Promise<number> {
  await using registry = await StubRegistry.start();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", PUSH, String(registry.repository), String(mebibytes)],
    { cwd: root },
  );
  expect([...registry.blobs.values()]).toEqual([mebibytes << 20]);
  return Number(stdout) / 1024;
}

it("a push through newFetch takes no more memory for a large layer than for a small one", async () => {
  const small = await peakOfPushing(16);
  const large = await peakOfPushing(320);
  expect(large - small).toBeLessThan(96);
});
