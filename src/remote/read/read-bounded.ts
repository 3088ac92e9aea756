import { type ReadAllOptions, readAll } from "../../bytes/index.js";
import { brokenBody } from "../transport/network-error.js";
import type { Answer } from "../transport/transport.js";

/**
 * Reads an answer's body whole.
 *
 * @throws {SizeLimitError} if it has more bytes than are allowed
 * @throws {NetworkError} if it breaks off
 */
export async function readBounded(answer: Answer, options: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { response } = answer;
  if (response.body === null) {
    return new Uint8Array();
  }
  try {
    return await readAll(response.body, options);
  } catch (failure) {
    throw brokenBody(failure, answer);
  }
}
