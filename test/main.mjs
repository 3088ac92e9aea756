/**
 * The whole proof: `npm test`.
 *
 * Each step runs when those before it have passed or failed; all of them are counted, and the last line says so. With
 * VARVE_TEST_REQUIRE=all every suite is required; elsewhere a suite whose programs are not on this machine is named,
 * with the command that installs them, and not run.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installed } from "./interop/installed.mjs";

const root = resolve(import.meta.dirname, "..");
const required = process.env.VARVE_TEST_REQUIRE === "all";
const scratch = mkdtempSync(join(tmpdir(), "varve-test-"));

let passed = 0;
let failed = 0;
/** @type {string[]} */
const notRun = [];

/**
 * Runs a script of this project or of its tools; true when it succeeds.
 * @param {string} script
 * @param {string[]} args
 */
function run(script, args) {
  return (
    spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" }).status === 0
  );
}

/**
 * @param {string} title
 * @param {() => void} action
 */
function step(title, action) {
  process.stdout.write(`\n== ${title}\n`);
  action();
}

/** @param {boolean} ok */
function count(ok) {
  if (ok) passed++;
  else failed++;
}

/**
 * Runs one vitest configuration and adds its tests; a run that breaks before its tests counts as one failure.
 * @param {string} config
 */
function vitest(config) {
  const report = join(scratch, `${config}.json`);
  const ok = run("node_modules/vitest/vitest.mjs", [
    "run",
    "--config",
    config,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  let failures = 0;
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    passed += numPassedTests;
    failures = numFailedTests;
  } catch {
    failures = 1;
  }
  failed += !ok && failures === 0 ? 1 : failures;
}

/**
 * Runs a program of tests that ends with a line of its own, and adds what it says.
 * @param {string} script
 */
function counted(script) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, script)], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  process.stdout.write(stdout);
  const line = [...stdout.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  notRun.push(...[...stdout.matchAll(/^not run: (.*)$/gm)].map(([, suite = ""]) => suite));
  passed += Number(line?.[1] ?? 0);
  const failures = Number(line?.[2] ?? 1);
  failed += status !== 0 && failures === 0 ? 1 : failures;
}

const peers = { "docker-registry": "docker-registry", skopeo: "skopeo", umoci: "umoci" };

try {
  step("lint and format", () => count(run("node_modules/@biomejs/biome/bin/biome", ["check"])));
  step("build", () => count(run("build.mjs", [])));
  step("types", () => count(run("node_modules/typescript/bin/tsc", ["--project", "test/tsconfig.json"])));
  step("package", () => count(run("node_modules/publint/src/cli.js", ["--strict"])));
  step("API reference", () => count(run("node_modules/typedoc/bin/typedoc", [])));
  step("unit tests", () => vitest("vitest.config.ts"));
  step("runtimes", () => counted("test/runtime/main.mjs"));
  step("interoperation with other programs", () => {
    const missing = Object.keys(peers).filter((program) => !installed(program));
    if (missing.length === 0 || required) {
      vitest("vitest.interop.config.ts");
    } else {
      notRun.push(
        `interoperation (missing: ${missing.join(", ")}): apt-get install ${Object.values(peers).join(" ")}`,
      );
    }
  });
  step("conformance of the embedded registry", () => {
    if (required) counted("test/conformance/main.mjs");
    else notRun.push("conformance (needs Go 1.24 or later, and what it builds): npm run conformance");
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const suite of notRun) process.stdout.write(`\nnot run: ${suite}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
