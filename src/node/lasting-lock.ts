/**
 * A lock that is held for as long as a piece of work takes, be it days, and that a killed holder does not leave behind for good.
 *
 * The lock is a file with the holder's token, `HOST-PROCESS-START-RANDOM`. While the holder lives it touches the file every few seconds.
 * Whoever finds the lock takes it away if the holder ran on this host and is dead, or if nobody has touched the file for long; a holder that
 * was only stopped finds out by {@link LastingLock.isHeld} before it writes anything.
 */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { errorCode, orAbsent, removeFile } from "./durable-file.js";
import { hostName } from "./host-name.js";
import { isProcessAlive } from "./process-alive.js";

const TOUCH_MILLISECONDS = 10_000;
/** A holder that could not touch its lock for so long is gone, or had better be. */
const PATIENCE_MILLISECONDS = 120_000;

/** When this process began, in seconds, by which one that had the same number before is told apart. */
const START: number = Math.round(Date.now() / 1000 - process.uptime());
/** Clocks are set now and then. */
const START_TOLERANCE = 2;

/** A lock that is held. */
export class LastingLock {
  readonly #path: string;
  readonly #token: string;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
    this.#timer = setInterval(() => void this.#touch(), TOUCH_MILLISECONDS);
    this.#timer.unref();
  }

  /** Takes the lock at a path; undefined if another holds it. */
  static async take(path: string): Promise<LastingLock | undefined> {
    const token = `${hostName()}-${process.pid}-${START}-${randomUUID()}`;
    const taken = (await isMade(path, token)) || ((await isFreed(path)) && (await isMade(path, token)));
    return taken ? new LastingLock(path, token) : undefined;
  }

  /** Whether nobody has taken the lock away, and touches it. */
  async isHeld(): Promise<boolean> {
    const held = (await tokenAt(this.#path)) === this.#token;
    if (held) {
      await this.#touch();
    }
    return held;
  }

  /** Gives the lock back. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    if ((await tokenAt(this.#path)) === this.#token) {
      await removeFile(this.#path);
    }
  }

  /** A file that is gone, or can't be touched, shows when it is asked whether it is held. */
  async #touch(): Promise<void> {
    const now = new Date();
    await utimes(this.#path, now, now).catch(() => undefined);
  }
}

/** Makes the lock's file; false if there is one. */
async function isMade(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Takes the lock away from a holder that is gone; false if it is not. */
async function isFreed(path: string): Promise<boolean> {
  const token = await tokenAt(path);
  if (token === undefined) return true;
  if (!(await isAbandoned(path, token))) return false;
  const aside = `${path}.${randomUUID()}`;
  if ((await orAbsent(rename(path, aside).then(() => true))) === undefined) return true;
  try {
    // Somebody else may have done the same a moment ago, and have the lock by now.
    const taken = await tokenAt(aside);
    if (taken === token || taken === undefined) return true;
    await isMade(path, taken);
    return false;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isAbandoned(path: string, token: string): Promise<boolean> {
  const [, host, pid, start] = /^([A-Za-z0-9.]*)-(\d+)-(\d+)-/.exec(token) ?? [];
  if (host === hostName() && !isAlive(Number(pid), Number(start))) return true;
  const touched = await orAbsent(stat(path));
  return touched !== undefined && Date.now() - touched.mtimeMs > PATIENCE_MILLISECONDS;
}

/** A process with this process's number may be an earlier one: in containers, numbers come back at once. */
function isAlive(pid: number, start: number): boolean {
  return pid === process.pid ? Math.abs(start - START) <= START_TOLERANCE : isProcessAlive(pid);
}

async function tokenAt(path: string): Promise<string | undefined> {
  return orAbsent(readFile(path, "utf8"));
}
