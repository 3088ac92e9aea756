/**
 * The same tests on every runtime, over the packed package: `node test/runtime/main.mjs [--only RUNTIME]... [--require RUNTIME]...`.
 *
 * Node, Bun, Deno and workerd are required in every run, Chromium where VARVE_TEST_REQUIRE=all; a required runtime that is missing, or that hands in no
 * digests, fails the run. The digests that the runtimes hand in are compared with the golden table. The last line counts everything.
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bun } from "./bun/run.mjs";
import { chromium } from "./chromium/run.mjs";
import { differences } from "./comparison.mjs";
import { deno } from "./deno/run.mjs";
import { node } from "./node/run.mjs";
import { installPacked } from "./project.mjs";
import { workerd } from "./workerd/run.mjs";

/** @import { HandedIn, Runner } from "./runner.js" */

const root = resolve(import.meta.dirname, "../..");
const runners = [node, bun, deno, workerd, chromium];

/** For one runtime; it takes half a minute on a machine that has nothing else to do. */
const LIMIT_MILLISECONDS = 300_000;

/** A runner that does not end when its time is over is left behind so much later; its own error says more than that it took too long. */
const GRACE_MILLISECONDS = 3_000;

const RUNTIMES_AT_ONCE = 2;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    require: { type: "string", multiple: true, default: [] },
  },
});
for (const name of [...(options.only ?? []), ...options.require]) {
  if (!runners.some(({ runtime }) => runtime === name)) throw new Error(`there is no runtime ${name} here`);
}
const chosen = runners.filter(({ runtime }) => options.only?.includes(runtime) ?? true);
const required = new Set(["node", "bun", "deno", "workerd", ...options.require]);
if (process.env.VARVE_TEST_REQUIRE === "all") required.add("chromium");

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

const missing = ["index.js", "varve.js", "core.wasm", "core/module/inline.js", "core/module/workerd.js"].find(
  (file) => !existsSync(join(root, "dist", file)),
);
if (missing !== undefined) {
  say(`dist/${missing} is missing; the runtimes test what is built, so build it first: npm run build`);
  say("\n0 passed, 1 failed");
  process.exit(1);
}

/** Ends the run from outside: what was started is ended, and the temporary directory removed, when the process exits. */
const interruption = new AbortController();
for (const [signal, status] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])) {
  process.once(signal, () => {
    interruption.abort(new Error(`ended by ${signal}`));
    process.exit(status);
  });
}

const project = realpathSync(mkdtempSync(join(tmpdir(), "varve-runtimes-")));
process.on("exit", () => rmSync(project, { recursive: true, force: true, maxRetries: 3 }));

/** What came of one runtime. @typedef {{ report?: HandedIn, problems: string[], absence?: string }} Outcome */

/**
 * @param {Runner} runner
 * @returns {Promise<Outcome>}
 */
async function outcomeOf({ runtime, remedy, find, run }) {
  const program = find(root);
  if (program === undefined) {
    const absence = `${runtime} is not on this machine: ${remedy}`;
    return required.has(runtime) ? { problems: [`it is required; ${absence}`] } : { problems: [], absence };
  }
  const limit = AbortSignal.timeout(LIMIT_MILLISECONDS);
  const signal = AbortSignal.any([interruption.signal, limit]);
  /** @type {Promise<never>} */
  const overdue = new Promise((_, reject) => {
    signal.addEventListener("abort", () => setTimeout(() => reject(signal.reason), GRACE_MILLISECONDS));
  });
  try {
    const report = await Promise.race([run(program, { project, signal }), overdue]);
    return { report, problems: [...report.failures] };
  } catch (error) {
    const late = limit.aborted ? `not finished after ${LIMIT_MILLISECONDS / 1000} seconds: ` : "";
    return { problems: [`${late}${error instanceof Error ? error.stack : error}`] };
  }
}

await installPacked(root, project, interruption.signal);
/** @type {Map<string, Outcome>} */
const outcomes = new Map();
const waiting = [...chosen];
await Promise.all(
  Array.from({ length: RUNTIMES_AT_ONCE }, async () => {
    for (let runner = waiting.shift(); runner !== undefined; runner = waiting.shift()) {
      outcomes.set(runner.runtime, await outcomeOf(runner));
    }
  }),
);

/** @type {import("../golden/inputs.js").GoldenTable} */
const table = JSON.parse(readFileSync(join(root, "test/golden/golden.json"), "utf8"));
const reports = [...outcomes.values()].flatMap(({ report }) => report ?? []);
const rows = [["runtime", "version", "tests", "golden digests"]];
let passed = 0;
let failed = 0;
for (const { runtime } of chosen) {
  const { report, problems, absence } = outcomes.get(runtime) ?? { problems: ["it was not run"] };
  if (report === undefined) {
    rows.push([runtime, "", absence === undefined ? "FAILED" : "not run", ""]);
  } else {
    const found = differences(report, table, reports);
    if (found.length > 0) problems.push(`its digests are not the golden table's:\n  ${found.join("\n  ")}`);
    else passed++;
    passed += report.passed;
    const count = Object.keys(report.digests).length;
    const tests = `${report.passed} passed, ${report.failed} failed`;
    rows.push([
      runtime,
      report.version,
      tests,
      `${count}, ${found.length === 0 ? "all equal" : `${found.length} wrong`}`,
    ]);
  }
  for (const problem of problems) say(`\nFAILED ${runtime}: ${problem}`);
  failed += problems.length;
}

say("");
const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
for (const row of rows) {
  say(
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
for (const { absence } of outcomes.values()) {
  if (absence !== undefined) say(`\nnot run: ${absence}`);
}
// What a runner may have left open does not keep this process.
process.stdout.write(`\n${passed} passed, ${failed} failed\n`, () => process.exit(failed === 0 ? 0 : 1));
