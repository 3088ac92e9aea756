import { hasCode } from "../core/error.js";

/**
 * What is known, or undefined for what will be known only when a stream has been read. It goes by the error's code: what was given may be of
 * another copy of this package.
 */
export async function unlessNotComputed<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasCode(error, "ERR_VARVE_NOT_COMPUTED")) return undefined;
    throw error;
  }
}
