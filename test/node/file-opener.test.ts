import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { fileOpener } from "../../src/node/index.js";
import { randomBytes } from "../fixtures/bytes.js";
import { allOf, thrownBy } from "../tar/fixture/reading.js";

const content = randomBytes(600_000, 3);
let directory: string;
let path: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-opener-"));
  path = join(directory, "file");
  writeFileSync(path, content);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** How many descriptors of this process show the file. */
function descriptors(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}

/** A stream that has come to its end doesn't wait for its file to be closed. */
async function untilClosed(): Promise<void> {
  await vi.waitFor(() => expect(descriptors()).toBe(0));
}

describe("the opener of a file", () => {
  it("gives the file's bytes, each time that it is called", async () => {
    const open = fileOpener(path);
    const [one, other] = await Promise.all([open(), open()]);
    for (const stream of [one, other]) expect(Buffer.from(await allOf(stream)).equals(content)).toBe(true);
  });

  it.runIf(process.platform === "linux")(
    "opens the file when it is read, and closes it at the end, early or not",
    async () => {
      await untilClosed();
      const open = fileOpener(path);
      const [unread, whole, part] = [await open(), await open(), await open()];
      expect(descriptors()).toBe(0);
      const reader = part.getReader();
      await reader.read();
      expect(descriptors()).toBe(1);
      await reader.cancel();
      await allOf(whole);
      await unread.cancel();
      await untilClosed();
    },
  );

  it.runIf(process.platform === "linux")(
    "closes the file when it is cancelled while it is being opened",
    async () => {
      const stream = await fileOpener(path)();
      const reader = stream.getReader();
      const reading = reader.read();
      await reader.cancel();
      expect((await reading).done).toBe(true);
      while (descriptors() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  );

  it("fails as the system does", async () => {
    const stream = await fileOpener(join(directory, "none"))();
    expect(await thrownBy(() => allOf(stream))).toMatchObject({ code: "ENOENT" });
  });

  it("ends with its signal", async () => {
    const stream = await fileOpener(path)({ signal: AbortSignal.abort("enough") });
    expect(await thrownBy(() => allOf(stream))).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
  });
});
