/**
 * Has others judge the embedded registry: `node test/conformance/main.mjs [--write]`, or `npm run conformance`.
 *
 * The conformance suite of the OCI distribution-spec runs against the built `varve serve`, and crane carries images between it,
 * docker-registry and layouts. Both are built from the Go module proxy, once. The result must be what docs/conformance.md says, which
 * --write writes. Without docker-registry crane goes without it, unless VARVE_TEST_REQUIRE=all. The last line counts everything.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { carry } from "./crane.mjs";
import { built, crane, suite } from "./programs.mjs";
import { dockerRegistryVersion, startDockerRegistry, startVarve } from "./registries.mjs";
import { countsOf, page, table } from "./report.mjs";
import { judge, settings } from "./suite.mjs";

/** @import { Place } from "./crane.mjs" */
/** @import { Run } from "./report.mjs" */

const root = resolve(import.meta.dirname, "../..");
const document = join(root, "docs/conformance.md");
const cache = join(root, "node_modules/.cache/varve-conformance");

/** For all of it; half a minute when Go has built the programs before. */
const LIMIT_MILLISECONDS = 600_000;

const { values: options } = parseArgs({ options: { write: { type: "boolean", default: false } } });

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

let passed = 0;
let failed = 0;

/** @param {string} complaint */
function fail(complaint) {
  failed++;
  say(`failed: ${complaint}`);
}

const interruption = new AbortController();
for (const name of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
}
const signal = AbortSignal.any([interruption.signal, AbortSignal.timeout(LIMIT_MILLISECONDS)]);

/**
 * Does some work with a registry, and ends it.
 *
 * @template T
 * @param {readonly string[]} flags
 * @param {string} scratch
 * @param {(served: import("./registries.mjs").Served) => Promise<T>} work
 */
async function withVarve(flags, scratch, work) {
  const served = await startVarve(scratch, flags, signal);
  try {
    return await work(served);
  } finally {
    await served.end();
  }
}

/**
 * @param {"memory" | "disk"} store
 * @param {string} scratch
 * @param {string} name
 */
function storeFlags(store, scratch, name) {
  return store === "memory"
    ? ["--memory", "512MiB"]
    : ["--disk", join(scratch, name.replaceAll(/\W+/g, "-"), "store")];
}

/** @param {string} scratch */
async function runSuite(scratch) {
  const program = await built(suite, cache, signal);
  /** @type {Run[]} */
  const runs = [];
  for (const setting of settings) {
    const flags = [...storeFlags(setting.store, scratch, `suite ${setting.title}`), ...setting.flags];
    const judgement = await withVarve(flags, scratch, ({ host }) =>
      judge(program, host, setting, scratch, signal),
    );
    runs.push({ ...setting, ...judgement });
  }
  return runs;
}

/**
 * @param {string} scratch
 * @param {boolean} withDocker
 */
async function runCrane(scratch, withDocker) {
  const program = await built(crane, cache, signal);
  const directory = join(scratch, "crane");
  mkdirSync(directory);
  const inMemory = ["--verbose", ...storeFlags("memory", scratch, "")];
  const onDisk = [
    "--verbose",
    ...storeFlags("disk", scratch, "crane"),
    "--username",
    "conformance",
    "--password-stdin",
    "--tokens",
  ];
  return withVarve(inMemory, scratch, (memory) =>
    withVarve(onDisk, scratch, async (disk) => {
      const docker = withDocker ? await startDockerRegistry(scratch, signal) : undefined;
      /** @type {Place[]} */
      const places = [
        { name: "varve serve in memory", isOurs: true, needsLogin: false, ...memory },
        { name: "varve serve on disk with tokens", isOurs: true, needsLogin: true, ...disk },
        ...(docker === undefined
          ? []
          : [{ name: "docker-registry", isOurs: false, needsLogin: false, ...docker }]),
      ];
      try {
        return {
          places: places.map(({ name }) => name),
          checks: await carry(program, places, directory, signal),
        };
      } finally {
        await docker?.end();
      }
    }),
  );
}

const scratch = mkdtempSync(join(tmpdir(), "varve-conformance-"));
try {
  if (!existsSync(join(root, "dist/varve.js")))
    throw new Error("dist/varve.js is missing: npm run build makes it");
  const docker = await dockerRegistryVersion(signal);
  if (docker === undefined && process.env.VARVE_TEST_REQUIRE === "all") {
    fail("docker-registry is missing: apt-get install docker-registry");
  }
  const runs = await runSuite(scratch);
  const findings = { runs, ...(await runCrane(scratch, docker !== undefined)) };

  for (const run of runs) {
    passed += countsOf(run).all.passed;
    failed += countsOf(run).all.failed;
    for (const complaint of run.complaints) say(`${run.title}: ${complaint}`);
    if (run.complaints.length > 0 && countsOf(run).all.failed === 0) failed++;
  }
  for (const { name, error } of findings.checks) {
    if (error === undefined) passed++;
    else fail(`${name}: ${error instanceof Error ? error.message : error}`);
  }
  say(`\n${table(findings)}`);
  if (docker === undefined) {
    say("\nnot run: crane with docker-registry (missing): apt-get install docker-registry");
  } else if (options.write && failed === 0) {
    writeFileSync(document, page(findings));
  } else if (!existsSync(document) || readFileSync(document, "utf8") !== page(findings)) {
    fail("docs/conformance.md says something else: npm run conformance -- --write");
  } else {
    passed++;
  }
} catch (error) {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  fail(cause instanceof Error ? `${message}: ${cause.message}` : message);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
say(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
