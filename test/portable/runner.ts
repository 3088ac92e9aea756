/** What a run of suites hands in: plain data, so that it may cross from any runtime as JSON. */
export interface Report {
  readonly runtime: string;
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
  /** For each failed test its title and the error. */
  readonly failures: readonly string[];
  /** SHA-256 in hexadecimal of what each golden input was compressed to, by `name/level`. */
  readonly digests: Readonly<Record<string, string>>;
}

export interface TestContext {
  /** Hands in a digest of the golden table, once. */
  record(key: string, digest: string): void;
}

export type TestBody = (context: TestContext) => void | Promise<void>;

/** A list of tests, as a function that names them: nothing is registered by importing a suite. */
export type Suite = (test: (title: string, body: TestBody) => void) => void;

/** A test that takes longer than this hangs; the slowest takes a few seconds. */
const LIMIT_MILLISECONDS = 30_000;

/** Runs the tests of all suites, one after the other. It needs nothing that a browser or a Worker lacks. */
export async function runSuites(runtime: string, version: string, suites: readonly Suite[]): Promise<Report> {
  const tests: { title: string; body: TestBody }[] = [];
  for (const suite of suites) {
    suite((title, body) => tests.push({ title, body }));
  }
  const digests: Record<string, string> = {};
  const context: TestContext = {
    record(key, digest) {
      if (key in digests) {
        throw new Error(`the digest of ${key} was handed in twice`);
      }
      digests[key] = digest;
    },
  };
  const failures: string[] = [];
  let running = "before the first test";
  // Where rejections show themselves as events they are counted; elsewhere they end the process, which fails the run.
  globalThis.addEventListener?.("unhandledrejection", (event) => {
    event.preventDefault();
    failures.push(`${running}: unhandled rejection: ${describe(event.reason)}`);
  });
  let passed = 0;
  for (const { title, body } of tests) {
    running = title;
    try {
      await withinLimit(body, context);
      passed++;
    } catch (error) {
      failures.push(`${title}: ${describe(error)}`);
    }
    await nextTurn();
  }
  return { runtime, version, passed, failed: failures.length, failures, digests };
}

/** Resolves in a later turn of the event loop, when everything that was ready has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function withinLimit(body: TestBody, context: TestContext): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const message = `not finished after ${LIMIT_MILLISECONDS / 1000} seconds`;
    timer = setTimeout(() => reject(new Error(message)), LIMIT_MILLISECONDS);
  });
  try {
    await Promise.race([(async () => body(context))(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Name, message and stack; V8's stacks begin with the first two, and others' don't. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { message, stack = "" } = error;
  return stack.includes(message) ? stack : `${error.name}: ${message}\n${stack}`;
}
