import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium as playwright } from "playwright-core";
import { bundle } from "../project.mjs";
import { addTests, readReport } from "../report.mjs";
import { servePages } from "./pages.mjs";
import { serveRedirecting } from "./redirecting.mjs";

/** A browser that is not to look for updates, sync, or speak to anyone but this machine. */
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @type {import("../runner.js").Runner} */
export const chromium = {
  runtime: "chromium",
  remedy: "apt-get install chromium",
  find: () => {
    const directories = (process.env.PATH ?? "").split(delimiter);
    return directories.map((directory) => join(directory, "chromium")).find(isProgram);
  },
  run: async (program, { project, signal }) => {
    const here = import.meta.dirname;
    await bundle(join(here, "suites.ts"), project, "page", ["browser"]);
    await bundle(join(here, "refused.ts"), project, "refused", ["browser"]);
    await bundle(join(here, "unthreaded.ts"), project, "unthreaded", ["browser"]);
    await bundle(join(here, "redirected.ts"), project, "redirected", ["browser"]);
    // A bundler that doesn't know of workers leaves the file for whoever serves the bundle.
    const worker = join(project, "node_modules/varve/dist/core/host/worker.js");
    const redirecting = await serveRedirecting(Buffer.alloc(300_000, "varve"));
    const { registry, store, digest } = redirecting;
    const policies = {
      page: "'wasm-unsafe-eval'",
      refused: "",
      unthreaded: "'wasm-unsafe-eval'; worker-src 'none'",
      redirected: "'wasm-unsafe-eval'",
    };
    const connections = { redirected: `http://${registry} http://${store}` };
    const pages = await servePages(project, worker, policies, connections);
    let browser;
    try {
      browser = await playwright.launch({ executablePath: program, args: QUIET, timeout: 60_000 });
      const report = await visit(browser, pages.address("page"), pages.report("page"), signal);
      for (const name of ["refused", "unthreaded"]) {
        addTests(report, await visit(browser, pages.address(name), pages.report(name), signal));
      }
      const address = `${pages.address("redirected")}#${new URLSearchParams({ registry, store, digest })}`;
      addTests(report, await visit(browser, address, pages.report("redirected"), signal));
      return { ...report, version: browser.version() };
    } finally {
      pages.stop();
      redirecting.stop();
      await browser?.close();
    }
  },
};

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens a page and waits for its report; what goes wrong before that, and what the page has said, is the failure.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} address
 * @param {Promise<string>} handedIn
 * @param {AbortSignal} signal
 */
async function visit(browser, address, handedIn, signal) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  /** @type {Promise<never>} */
  const broken = new Promise((_, reject) => {
    /** @param {string} what */
    const fail = (what) => reject(new Error(`the page ${address} ${what}\n${said.join("\n")}`));
    page.on("pageerror", (error) => fail(`failed: ${error.stack}`));
    page.on("requestfailed", (request) => fail(`could not load ${request.url()}`));
    page.on("response", (response) => {
      if (response.status() >= 400) fail(`got status ${response.status()} for ${response.url()}`);
    });
    page.on("crash", () => fail("crashed"));
    page.on("close", () => fail("was closed before it had handed in its report"));
    signal.addEventListener("abort", () => fail("had not handed in its report"));
  });
  broken.catch(() => {});
  await Promise.race([page.goto(address), broken]);
  const report = readReport(await Promise.race([handedIn, broken]), "chromium");
  await page.close();
  return report;
}
