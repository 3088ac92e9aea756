/**
 * A lock on a directory that any number of processes share, of which the holder may be killed, or stopped for as long as one
 * likes, and nothing is lost.
 *
 * The lock is a directory `.varve-lock`, which holds one directory, whose name is the holder's token: `HOST-PROCESS-PLACE-RANDOM`. It is
 * made aside and renamed into place, which fails where a lock is already, so that a lock never lacks its token. The directory of
 * the token is the holder's *workspace*: whatever the lock protects is changed by a rename out of the workspace or into it.
 *
 * Whoever waits breaks a lock whose holder is dead, or holds it for too long, by renaming it away. The workspace's path is gone
 * with it for good, so the renames of a holder that wakes up later fail, and it begins anew: that a lock was broken, even by mistake,
 * costs time and nothing else. This is why no clock and no process number needs to be trusted.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, isThere, orAbsent } from "./durable-file.js";
import { hostName } from "./host-name.js";
import { KeyedLock } from "./keyed-lock.js";
import { isProcessAlive } from "./process-alive.js";

/** What names of this package in a directory that it shares with others begin with. */
export const OWN_PREFIX = ".varve-";

const LOCK = `${OWN_PREFIX}lock`;

/** A lock is held for some milliseconds; on a disk that is very busy, for seconds. */
const PATIENCE_MILLISECONDS = 60_000;
/**
 * For a token with this process's own number that is not its own: that of another thread, or of a process that was killed and whose
 * number came back, as it does in containers, where it is always 1.
 */
const PATIENCE_WITH_NAMESAKES_MILLISECONDS = 2_000;
/**
 * For a holder on a host of the same name whose process numbers mean nothing here: another container's, or that of this one before
 * it was started anew.
 */
const PATIENCE_WITH_OTHER_PLACES_MILLISECONDS = 10_000;
/** How long to wait, at most, before looking again. */
const PAUSE_MILLISECONDS = 15;

/** Threads of this process take turns without looking at the disk. */
const turns = new KeyedLock();

/** Where process numbers mean what they mean here: on Linux, the PID namespace since the machine was started. */
const PLACE: string = placeOf();

/**
 * Runs the task while no other process runs one for the same directory. The task may be run again from its beginning, if the lock
 * was lost, and what it throws then is not heard.
 *
 * @param task is given the workspace: an empty directory on the file system of the given one. What it does counts only if it is
 *   done by one rename out of the workspace or into it
 */
export function runFenced<T>(
  directory: string,
  task: (workspace: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const run = async (): Promise<T> => {
    for (let timesBroken = 0; ; timesBroken++) {
      const token = `${hostName()}-${process.pid}-${PLACE}-${randomUUID()}`;
      await acquire(directory, token, timesBroken, signal);
      const workspace = join(directory, LOCK, token);
      let outcome: { readonly value: T } | { readonly error: unknown };
      try {
        outcome = { value: await task(workspace) };
      } catch (error) {
        outcome = { error };
      }
      const held = await release(directory, token);
      if ("value" in outcome) return outcome.value;
      if (held) throw outcome.error;
    }
  };
  return turns.run(directory, run, signal);
}

/** Whether the lock with this workspace is still held. */
export function isStillHeld(workspace: string): Promise<boolean> {
  return isThere(workspace);
}

async function acquire(
  directory: string,
  token: string,
  timesBroken: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const prepared = join(directory, `${LOCK}-${token}`);
  await mkdir(prepared);
  try {
    await mkdir(join(prepared, token));
    const waiting = new Waiting(timesBroken);
    for (;;) {
      signal?.throwIfAborted();
      if (await renamedToFree(prepared, join(directory, LOCK))) return;
      const holder = await holderOf(directory);
      if (holder !== undefined && waiting.isOver(holder)) await takeAway(directory);
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * PAUSE_MILLISECONDS));
    }
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
}

/** False if a lock has the name. */
async function renamedToFree(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = errorCode(error) ?? "";
    if (["ENOTEMPTY", "EEXIST"].includes(code)) return false;
    // Windows says so of a directory that is in the way.
    if (["EPERM", "EACCES"].includes(code) && (await isThere(to))) return false;
    throw error;
  }
}

async function holderOf(directory: string): Promise<string | undefined> {
  const names = await orAbsent(readdir(join(directory, LOCK)));
  return names?.[0];
}

/** @returns whether the lock was still held */
async function release(directory: string, token: string): Promise<boolean> {
  const held = await isStillHeld(join(directory, LOCK, token));
  if (held) await takeAway(directory);
  return held;
}

/** Frees the lock, whoever holds it. What is in it goes too. */
async function takeAway(directory: string): Promise<void> {
  const aside = join(directory, `${LOCK}-${randomUUID()}`);
  if ((await orAbsent(rename(join(directory, LOCK), aside).then(() => true))) === undefined) return;
  await rm(aside, { recursive: true, force: true });
}

/** How long one waits for each holder, by the waiter's own clock. */
class Waiting {
  readonly #timesBroken: number;
  #holder = "";
  #since = 0;

  constructor(timesBroken: number) {
    this.#timesBroken = timesBroken;
  }

  isOver(holder: string): boolean {
    if (holder !== this.#holder) {
      this.#holder = holder;
      this.#since = performance.now();
      return false;
    }
    return performance.now() - this.#since > patienceWith(holder, this.#timesBroken);
  }
}

/**
 * How long a holder may hold the lock before it is taken for dead, in milliseconds.
 *
 * @param timesBroken how often the waiter's own lock was broken: each time doubles its patience, so that processes that take each
 *   other for dead by mistake come to an end
 */
export function patienceWith(holder: string, timesBroken: number): number {
  return patienceAtFirst(holder) * 2 ** timesBroken;
}

function patienceAtFirst(holder: string): number {
  const { host, pid, place } = splitToken(holder);
  if (host !== hostName()) return PATIENCE_MILLISECONDS;
  if (place !== PLACE) return PATIENCE_WITH_OTHER_PLACES_MILLISECONDS;
  if (pid === process.pid) return PATIENCE_WITH_NAMESAKES_MILLISECONDS;
  return isProcessAlive(pid) ? PATIENCE_MILLISECONDS : 0;
}

function splitToken(token: string): { host: string; pid: number; place: string } {
  const [, host = "", pid = "0", place = ""] = /^([A-Za-z0-9.]*)-(\d+)-([a-z0-9.]*)-/.exec(token) ?? [];
  return { host, pid: Number(pid), place };
}

function placeOf(): string {
  try {
    const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "";
    // The first namespace has the same number on every machine.
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    return `${namespace}.${boot}`.replace(/[^a-z0-9.]/g, "");
  } catch {
    // Elsewhere than on Linux, a host has one set of process numbers.
    return "";
  }
}
