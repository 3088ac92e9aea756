import { readFileSync } from "node:fs";
import { errorCode } from "./durable-file.js";

/** Whether a process of this host runs. One that has ended and that its parent hasn't heard of yet (a zombie) doesn't, though it has its number. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
  return !isZombie(pid);
}

/** Tells on Linux alone; elsewhere nothing is known, and nothing is taken for a zombie. */
function isZombie(pid: number): boolean {
  try {
    // The name of the program stands in parentheses, and may have any character; after it is the state.
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
