/**
 * A lock that is held for as long as a piece of work takes, be it days, and that a killed holder does not leave behind for good.
 *
 * The lock is a file with the holder's token, `HOST-PROCESS-RANDOM`, which is made aside and linked into place, so that it never lacks that.
 * While the holder lives it touches the file every few seconds. Whoever finds the lock takes it away if the holder ran on this host and is
 * dead, or if nobody has touched the file for long; a holder that was only stopped finds out by {@link LastingLock.isHeld} before it
 * writes anything.
 */
import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { errorCode, orAbsent, removeFile } from "./durable-file.js";

const TOUCH_MILLISECONDS = 10_000;
/** A holder that could not touch its lock for so long is gone, or had better be. */
const PATIENCE_MILLISECONDS = 120_000;

/** A part of the host's name that may stand in a file's. */
const HOST: string = hostname()
  .replace(/[^A-Za-z0-9.]/g, "")
  .slice(0, 64);

/** What this process holds: a token with its number that is not here is that of another process that had the number. */
const own: Set<string> = new Set();

/** A lock that is held. */
export class LastingLock {
  readonly #path: string;
  readonly #token: string;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
    own.add(token);
    this.#timer = setInterval(() => void this.#touch(), TOUCH_MILLISECONDS);
    this.#timer.unref();
  }

  /** Takes the lock at a path; undefined if another holds it. */
  static async take(path: string): Promise<LastingLock | undefined> {
    const token = `${HOST}-${process.pid}-${randomUUID()}`;
    const prepared = `${path}.${randomUUID()}`;
    await writeFile(prepared, token, { flag: "wx", mode: 0o600 });
    try {
      if ((await isLinked(prepared, path)) || ((await isFreed(path)) && (await isLinked(prepared, path)))) {
        return new LastingLock(path, token);
      }
      return undefined;
    } finally {
      await rm(prepared, { force: true });
    }
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
    own.delete(this.#token);
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

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
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
    if ((await tokenAt(aside)) === token) return true;
    await isLinked(aside, path);
    return false;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isAbandoned(path: string, token: string): Promise<boolean> {
  const [, host, pid] = /^([A-Za-z0-9.]*)-(\d+)-/.exec(token) ?? [];
  if (host === HOST && !isAlive(Number(pid), token)) return true;
  const touched = await orAbsent(stat(path));
  return touched !== undefined && Date.now() - touched.mtimeMs > PATIENCE_MILLISECONDS;
}

/** A process of this number may be another one by now: in containers, numbers come back at once. */
function isAlive(pid: number, token: string): boolean {
  if (pid === process.pid) return own.has(token);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

async function tokenAt(path: string): Promise<string | undefined> {
  return orAbsent(readFile(path, "utf8"));
}
