import type { Report } from "../portable/runner.js";

/** A report that more may be added to. */
export type HandedIn = { -readonly [Field in keyof Report]: Report[Field] } & {
  failures: string[];
};

export interface Context {
  /** The directory of a project that has the packed varve in its `node_modules`; runners put their files there too. */
  readonly project: string;
  /** Aborted when the runner's time is over, or the whole run is ended. */
  readonly signal: AbortSignal;
}

/** What the `run.mjs` of each runtime exports. */
export interface Runner {
  /** Its name, which is its directory's. */
  readonly runtime: string;
  /** The command that installs the runtime. */
  readonly remedy: string;
  /** The runtime's program, if it is on this machine; the root is the project's own directory. */
  find(root: string): string | undefined;
  /** Runs the suites. It fails when there is no report; failures of tests are in the report. */
  run(program: string, context: Context): Promise<HandedIn>;
}
