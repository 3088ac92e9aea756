import type { VarveError } from "../../src/core/index.js";

/** What a call throws. */
export function thrown(call: () => unknown): VarveError {
  try {
    call();
  } catch (error) {
    return error as VarveError;
  }
  throw new Error("nothing was thrown");
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<VarveError> {
  try {
    await promise;
  } catch (error) {
    return error as VarveError;
  }
  throw new Error("nothing was thrown");
}
