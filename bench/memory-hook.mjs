// Loaded into a measured process by --import: at its exit it writes the most memory it ever had resident,
// in KiB, to file descriptor 3.
import { readFileSync, writeSync } from "node:fs";

process.on("exit", () => {
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"));
  writeSync(3, peak?.[1] ?? "");
});
