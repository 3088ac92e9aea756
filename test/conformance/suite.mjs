/** Runs the conformance suite of the OCI distribution-spec against a registry. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../runtime/process.mjs";
import { user } from "./registries.mjs";
import { casesOf, featuresOf } from "./results.mjs";

/**
 * @typedef {{
 *   title: string,
 *   store: "memory" | "disk",
 *   flags: readonly string[],
 *   environment: Readonly<Record<string, string>>,
 *   disabled: readonly string[],
 * }} Setting how the registry is started, how the suite is set, and what the suite then leaves out
 */

const asUser = { OCI_USERNAME: user.name, OCI_PASSWORD: user.password };

/** What the suite's own defaults for version 1.1 of the specification leave out. */
const DEFAULTS = [
  "Blob upload cancel",
  "Manifest put with tag params",
  "Sparse Manifests",
  "Tag Param",
  "Tag Param sha512",
];

/** @type {readonly Setting[]} */
export const settings = [
  {
    title: "memory",
    store: "memory",
    flags: [],
    environment: { OCI_VERSION: "1.1" },
    disabled: DEFAULTS,
  },
  {
    title: "disk",
    store: "disk",
    flags: [],
    environment: { OCI_VERSION: "1.1" },
    disabled: DEFAULTS,
  },
  {
    title: "memory, Basic",
    store: "memory",
    flags: ["--username", user.name, "--password-stdin"],
    environment: { OCI_VERSION: "1.1", ...asUser },
    disabled: DEFAULTS,
  },
  {
    title: "disk, tokens, nothing left out",
    store: "disk",
    flags: ["--username", user.name, "--password-stdin", "--tokens", "--sparse-indexes"],
    environment: { OCI_VERSION: "dev", OCI_DATA_SPARSE: "true", ...asUser },
    disabled: [],
  },
];

/**
 * @typedef {{ cases: import("./results.mjs").Case[], disabled: string[], complaints: string[] }} Judgement what was tested, what
 *   was left out, and what is wrong with the run besides failed tests
 */

/**
 * @param {string} program
 * @param {string} host
 * @param {Setting} setting
 * @param {string} scratch a directory for its reports
 * @param {AbortSignal} signal
 * @returns {Promise<Judgement>}
 */
export async function judge(program, host, setting, scratch, signal) {
  const directory = join(scratch, setting.title.replaceAll(/\W+/g, "-"));
  mkdirSync(directory);
  const env = { OCI_REGISTRY: host, OCI_TLS: "disabled", OCI_RESULTS_DIR: directory, ...setting.environment };
  const run = start(program, [], { cwd: directory, env, signal });
  const { code, reason } = await run.ended;
  const cases = casesOf(readFileSync(join(directory, "junit.xml"), "utf8"));
  const features = featuresOf(readFileSync(join(directory, "results.yaml"), "utf8"));

  const complaints = [];
  const failures = cases.filter(({ status }) => status === "failed");
  if (code !== 0 && failures.length === 0) complaints.push(`the suite ${reason}\n${run.output()}`);
  if (cases.length < 500) complaints.push(`the suite ran no more than ${cases.length} tests`);
  const disabled = [...features].filter(([, status]) => status === "Disabled").map(([name]) => name);
  for (const [name, status] of features) {
    if (status === "Pass" || (status === "Disabled" && setting.disabled.includes(name))) continue;
    complaints.push(`${name}: ${status}`);
  }
  for (const { name } of failures) complaints.push(detailsOf(run.printed(), name));
  return { cases, disabled, complaints };
}

/**
 * The lines of the suite's tree that tell of one test.
 *
 * @param {string} printed
 * @param {string} name
 */
function detailsOf(printed, name) {
  const lines = printed.split("\n");
  const first = lines.findIndex((line) => line.trim().startsWith(`OCI Conformance Test/${name}: `));
  if (first < 0) return name;
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !/^\s+- /.test(line));
  return [name, ...rest.slice(0, end).map((line) => line.trim())].join("\n  ");
}
