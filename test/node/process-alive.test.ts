import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isProcessAlive } from "../../src/node/process-alive.js";

describe("a process", () => {
  it("is alive while it runs, and not when it has ended", () => {
    expect(isProcessAlive(process.pid)).toBe(true);
    expect(isProcessAlive(spawnSync(process.execPath, ["-e", ""]).pid)).toBe(false);
  });

  it.runIf(process.platform === "linux")(
    "that has ended, but that its parent has not heard of, is not alive",
    async () => {
      const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const [line] = await once(parent.stdout, "data");
        const pid = Number(String(line));
        while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        expect(() => process.kill(pid, 0)).not.toThrow();
        expect(isProcessAlive(pid)).toBe(false);
      } finally {
        parent.kill();
      }
    },
  );
});
