import {
  CompressionLevelError,
  crc32,
  Gzip,
  GzipLayerMachine,
  HashFinishedError,
  init,
  initSync,
  MachineStateError,
  NotInitializedError,
  Sha256,
  sha256,
  toHex,
} from "varve/core";
import { ascii, randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses } from "./assert.js";
import { pieces } from "./chunks.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** Examples of FIPS 180-4 as NIST publishes them ("Secure Hash Standard, Example Algorithms"), and the empty message. */
const SHA256_VECTORS: readonly (readonly [title: string, message: string, digest: string])[] = [
  ["the empty message", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "two blocks",
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  [
    "a million times a",
    "a".repeat(1_000_000),
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  ],
];

/** Lengths at which a buffer or a block of some implementation ends. */
const LENGTHS = [4095, 4096, 4097, 65535, 65536, 65537, 262143, 262144, 262145, 1_048_577];

export const core: Suite = (test) => {
  test("before init() the synchronous classes say what to do", async () => {
    const error = await refuses(() => new Sha256(), NotInitializedError);
    equal(error.code, "ERR_VARVE_NOT_INITIALIZED");
    await refuses(() => new GzipLayerMachine(1), NotInitializedError);
  });

  test("init() may be called again, side by side, and by initSync()", async () => {
    await Promise.all([init(), init()]);
    await init();
    initSync();
  });

  for (const [title, message, digest] of SHA256_VECTORS) {
    test(`SHA-256 of FIPS 180-4: ${title}`, () => equal(toHex(sha256(ascii(message))), digest));
  }

  test("SHA-256 equals Web Crypto's for all lengths from 0 to 300, and around the ends of buffers", async () => {
    const bytes = randomBytes(1_048_577, 1);
    for (const length of [...Array(301).keys(), ...LENGTHS]) {
      const message = bytes.subarray(0, length);
      equal(toHex(sha256(message)), await sha256Hex(message), `the digest of ${length} bytes`);
    }
  });

  test("SHA-256 does not depend on how a message is cut", async () => {
    const message = randomBytes(500_000, 1);
    const expected = await sha256Hex(message);
    for (const longest of [3, 64, 1000, 100_000]) {
      const hash = new Sha256();
      for (const piece of pieces(message, longest)) {
        hash.update(piece);
      }
      equal(toHex(hash.digest()), expected, `the digest of pieces of at most ${longest} bytes`);
    }
  });

  test("hashes that run side by side do not disturb each other", async () => {
    const messages = [randomBytes(200_000, 3), randomBytes(200_000, 4)] as const;
    const hashes = [new Sha256(), new Sha256()] as const;
    for (let offset = 0; offset < 200_000; offset += 1000) {
      hashes[0].update(messages[0].subarray(offset, offset + 1000));
      hashes[1].update(messages[1].subarray(offset, offset + 1000));
    }
    equal(toHex(hashes[0].digest()), await sha256Hex(messages[0]));
    equal(toHex(hashes[1].digest()), await sha256Hex(messages[1]));
  });

  test("a hash that has given its digest refuses more", async () => {
    const hash = new Sha256();
    hash.digest();
    await refuses(() => hash.digest(), HashFinishedError);
    await refuses(() => hash.update(randomBytes(1, 1)), HashFinishedError);
  });

  test("CRC-32 has the check value of RFC 1952's polynomial, whole and in pieces", () => {
    equal(crc32(new Uint8Array(0)), 0);
    equal(crc32(ascii("123456789")), 0xcbf43926);
    equal(crc32(ascii("6789"), crc32(ascii("12345"))), 0xcbf43926);
    const bytes = randomBytes(600_000, 1);
    let crc = 0;
    for (const piece of pieces(bytes, 50_000)) {
      crc = crc32(piece, crc);
    }
    equal(crc, crc32(bytes));
  });

  test("a level that does not exist is a RangeError that names it", async () => {
    for (const level of [42, -3, 0.5, Number.NaN]) {
      for (const Encoder of [Gzip, GzipLayerMachine]) {
        const error = await refuses(() => new Encoder(level), CompressionLevelError);
        ensure(error instanceof RangeError, "it is no RangeError");
        ensure(
          error.message.includes(String(level)),
          `the message does not name the level: ${error.message}`,
        );
        equal(error.code, "ERR_VARVE_COMPRESSION_LEVEL");
      }
    }
  });

  test("a machine refuses calls that its state gives no meaning to", async () => {
    const machine = new GzipLayerMachine(1);
    await refuses(() => machine.result(), MachineStateError);
    machine.finish();
    await refuses(() => machine.update(randomBytes(1, 1), 0), MachineStateError);
    machine.release();
    machine.release();
    await refuses(() => machine.take(), MachineStateError);
  });
};
