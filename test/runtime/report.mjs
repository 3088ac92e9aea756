/** @import { HandedIn } from "./runner.js" */

/**
 * Makes sure that what a runtime handed in is a report of its own run.
 *
 * @param {string} json
 * @param {string} runtime
 * @returns {HandedIn}
 */
export function readReport(json, runtime) {
  const report = parsed(json);
  const wellFormed =
    Number.isInteger(report?.passed) &&
    Number.isInteger(report.failed) &&
    Array.isArray(report.failures) &&
    typeof report.digests === "object" &&
    typeof report.version === "string";
  if (!wellFormed || report.runtime !== runtime) {
    throw new Error(`what ${runtime} handed in is no report of its tests: "${json.slice(0, 500)}"`);
  }
  return report;
}

/** @param {string} json */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * Adds the tests of another run in the same runtime.
 *
 * @param {HandedIn} report
 * @param {HandedIn} other
 */
export function addTests(report, other) {
  report.passed += other.passed;
  report.failed += other.failed;
  report.failures.push(...other.failures);
}

/**
 * Adds a test that runs outside the runtime, such as one that looks at it through its server.
 *
 * @param {HandedIn} report
 * @param {string} title
 * @param {() => Promise<void>} action
 */
export async function addTest(report, title, action) {
  try {
    await action();
    report.passed++;
  } catch (error) {
    report.failed++;
    report.failures.push(`${title}: ${error instanceof Error ? error.stack : error}`);
  }
}
