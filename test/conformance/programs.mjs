/** The programs that judge the registry: built from the Go module proxy, whose checksum database vouches for them, and kept for the next run. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../runtime/process.mjs";

/** The conformance suite of the OCI distribution-spec, as its rewrite of 2026 stands at this commit. */
export const suite = {
  commit: "fee21197eb94360ddfa6dda0b7edabcd12456809",
  module: "github.com/opencontainers/distribution-spec/conformance",
  version: "v0.0.0-20260730175803-fee21197eb94",
  program: "conformance",
};

/** The command of go-containerregistry. */
export const crane = {
  module: "github.com/google/go-containerregistry/cmd/crane",
  version: "v0.21.9",
  program: "crane",
};

/** This is the one thing here that needs more than this machine. */
const proxies = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /_proxy$/i.test(name) && value !== undefined ? [[name, value]] : [],
  ),
);

/** @typedef {{ module: string, version: string, program: string, commit?: string }} Program */

/**
 * Gives the path of a program, and builds it first if that was not done before.
 *
 * @param {Program} program
 * @param {string} cache a directory that outlasts the run
 * @param {AbortSignal} signal
 * @throws an error with what Go said
 */
export async function built({ module, version, program, commit }, cache, signal) {
  const directory = join(cache, `${program}-${version}`);
  const path = join(directory, program);
  if (existsSync(path)) return path;
  const unfinished = `${directory}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const named = commit === undefined ? [] : ["-ldflags", `-X main.Version=${commit}`];
  try {
    await run("go", ["install", "-trimpath", ...named, `${module}@${version}`], {
      env: { ...proxies, GOBIN: unfinished },
      signal,
    });
    renameSync(unfinished, directory);
  } catch (error) {
    throw new Error(`cannot build ${program}, which needs Go 1.24 or later and its module proxy`, {
      cause: error,
    });
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return path;
}
