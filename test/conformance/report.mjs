/** Tells what a run found out: a short table for whoever waits, and the page that is kept. */
import { crane, suite } from "./programs.mjs";
import { categories } from "./results.mjs";

/**
 * @typedef {import("./suite.mjs").Setting & import("./suite.mjs").Judgement} Run
 * @typedef {{ runs: readonly Run[], places: readonly string[], checks: readonly import("./crane.mjs").Check[] }} Findings
 */

/**
 * Passed and failed tests of a run by category, with those that the suite left out.
 *
 * @param {Run} run
 */
export function countsOf({ cases }) {
  /** @param {typeof cases} some */
  const of = (some) => ({
    passed: some.filter(({ status }) => status === "passed").length,
    failed: some.filter(({ status }) => status === "failed").length,
    skipped: some.filter(({ status }) => status === "skipped").length,
  });
  return {
    all: of(cases),
    by: categories.map((category) => of(cases.filter((one) => one.category === category))),
  };
}

/**
 * @param {Findings} findings
 * @returns {string} a table in plain text
 */
export function table({ runs, checks }) {
  const rows = [["registry", ...categories, "left out"]];
  for (const run of runs) {
    const { all, by } = countsOf(run);
    rows.push([
      run.title,
      ...by.map(({ passed, failed }) => `${passed} of ${passed + failed}`),
      String(all.skipped),
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const carried = checks.filter(({ error }) => error === undefined).length;
  return `${lines.join("\n")}\n\ncrane ${crane.version}: ${carried} of ${checks.length} checks`;
}

/**
 * @param {Findings} findings
 * @returns {string} docs/conformance.md
 */
export function page({ runs, places, checks }) {
  const rows = runs.map((run) => {
    const { all, by } = countsOf(run);
    const cells = by.map(({ passed, failed }) =>
      failed === 0 ? `${passed}` : `${passed}, **${failed} failed**`,
    );
    return `| ${run.title} | ${cells.join(" | ")} | ${all.skipped} |`;
  });
  const defaults = listed(runs[0]?.disabled.map((name) => `*${name}*`) ?? []);
  const carried = checks.filter(({ error }) => error === undefined).length;
  return `# Conformance of the embedded registry

This page is written by \`npm run conformance -- --write\`, which needs Go 1.24 or later and Debian's \`docker-registry\`. \`npm run conformance\` does the
same without writing, and says if this page is no longer true.

## OCI distribution-spec v1.1

The [conformance suite](https://github.com/opencontainers/distribution-spec/tree/${suite.commit}/conformance)
of the distribution-spec, in its rewrite of 2026, at commit \`${suite.commit.slice(0, 12)}\`, runs against \`varve serve\`. Tests that passed, by category:

| registry | ${categories.join(" | ")} | left out |
|---|${"---|".repeat(categories.length)}---|
${rows.join("\n")}

No test failed, and none was skipped because of what the registry answered. The suite's own defaults for version 1.1 leave out
${defaults}.
The last row has all of it switched on, together with what is drafted after 1.1 (\`OCI_VERSION=dev\`): sparse indexes by \`--sparse-indexes\`,
cancelled uploads, tags as parameters of a push by digest, and \`Docker-Content-Digest\` in every answer.

## crane

crane ${crane.version} of go-containerregistry carries an image and an index between layouts and
${listed([...places])}:
from each to each, to another repository of the same registry, and by way of a layout. The digest is the same at every stop, and
\`crane validate\` is content. It logs in, lists, tags, mounts, reads blobs, streams a layer and deletes. **${carried} of ${checks.length}** checks passed.
`;
}

/** As a sentence lists things. @param {readonly string[]} things */
function listed(things) {
  return things.length < 2 ? things.join("") : `${things.slice(0, -1).join(", ")} and ${things.at(-1)}`;
}
