// Proof that an engine does the whole job: its output is taken once, before anything is timed, and judged
// by node:zlib and node:crypto.
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";

/** @import { Contender, Outcome } from "./contender.mjs" */

/**
 * Judges one outcome and the bytes that came with it; throws with the reason when they are wrong.
 *
 * @callback Verify
 * @param {Uint8Array} input
 * @param {Outcome} outcome
 * @param {Uint8Array} output everything the engine handed out, in order
 * @returns {void}
 */

/**
 * Runs a contender once, untimed, and judges what it did. The run also warms it up.
 *
 * @param {Contender} contender
 * @param {Uint8Array} input
 * @param {Verify} verify
 * @returns {Promise<Outcome>}
 * @throws {Error} naming the engine, when it fails, or its output or what it says of it is wrong
 */
export async function verified(contender, input, verify) {
  /** @type {Buffer[]} */
  const pieces = [];
  try {
    const outcome = await contender.run((piece) => pieces.push(Buffer.from(piece)));
    verify(input, outcome, Buffer.concat(pieces));
    return outcome;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const engine = `${contender.engine} (${contender.config})`;
    throw new Error(`${engine} failed before it was timed: ${reason}`, { cause: error });
  }
}

/** @type {Verify} */
export function verifyGzip(input, outcome, output) {
  expectEqual("output size", outcome.outputBytes, output.length);
  if (!gunzipSync(output).equals(input)) throw new Error("its output does not inflate to the input");
}

/**
 * Here the input is what the engine should have made, the file's bytes.
 *
 * @type {Verify}
 */
export function verifyGunzip(input, outcome, output) {
  expectEqual("output size", outcome.outputBytes, input.length);
  if (Buffer.compare(output, input) !== 0) throw new Error("its output is not what was compressed");
}

/** @type {Verify} */
export function verifyLayer(input, outcome, output) {
  verifyGzip(input, outcome, output);
  expectEqual("diffID", outcome.diffID, sha256Hex(input));
  expectEqual("digest", outcome.digest, sha256Hex(output));
}

/** @type {Verify} */
export function verifySha256(input, outcome) {
  expectEqual("digest", outcome.digest, sha256Hex(input));
}

/**
 * Compares with the CRC-32 that zlib writes into a gzip trailer (RFC 1952, section 2.3.1).
 *
 * @type {Verify}
 */
export function verifyCrc32(input, outcome) {
  const member = gzipSync(input, { level: 0, chunkSize: 1 << 20 });
  expectEqual("CRC-32", outcome.crc, member.readUInt32LE(member.length - 8));
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function sha256Hex(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * @param {string} what
 * @param {string | number | undefined} actual
 * @param {string | number} expected
 */
function expectEqual(what, actual, expected) {
  if (actual !== expected) throw new Error(`its ${what} is ${actual}, but should be ${expected}`);
}
