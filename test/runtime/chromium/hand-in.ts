import type { Report } from "../../portable/runner.js";

/** Sends a page's report to the server that the page came from. */
export function handIn(running: Promise<Report>): void {
  running
    .then((report) => fetch("report", { method: "POST", body: JSON.stringify(report) }))
    .catch((error: unknown) => console.error(error));
}
