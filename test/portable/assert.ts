/** Throws unless the two are the same value. */
export function equal<T>(actual: T, expected: T, what = "the value"): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`${what} is ${show(actual)}, where ${show(expected)} is expected`);
  }
}

/** Throws unless the condition holds. */
export function ensure(condition: boolean, what: string): asserts condition {
  if (!condition) {
    throw new Error(what);
  }
}

/** Throws unless both have the same bytes. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what = "the result"): void {
  equal(actual.length, expected.length, `the length of ${what}`);
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) {
      throw new Error(`${what} has ${actual[i]} at ${i}, where ${expected[i]} is expected`);
    }
  }
}

/** An error class; TypeScript has no shorter name for any of them. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Runs an action that must fail with an error of the class, at once or by rejecting, and returns the error. */
export async function refuses<E extends Error>(action: () => unknown, kind: ErrorClass<E>): Promise<E> {
  let value: unknown;
  try {
    value = await action();
  } catch (error) {
    if (error instanceof kind) {
      return error;
    }
    throw new Error(`the failure is ${show(error)}, where ${kind.name} is expected`, { cause: error });
  }
  throw new Error(`there was no failure but ${show(value)}, where ${kind.name} is expected`);
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
