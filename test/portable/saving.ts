import {
  CheckpointError,
  checkpointInputHash,
  describeCheckpoint,
  type Encoder,
  GunzipStream,
  Gzip,
  GzipLayerMachine,
  GzipStream,
  gzip,
  Sha256,
  Sha512,
  sha512,
  toHex,
} from "varve/core";
import { newLayer } from "varve/stream";
import { ascii, concat, mixed, randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** Feeds an encoder, ends it, and gives all its output; the checkpoint after each piece goes to `look`. */
function run(
  encoder: Encoder,
  input: Uint8Array,
  look: (checkpoint: Uint8Array<ArrayBuffer> | undefined) => void = () => {},
): Uint8Array<ArrayBuffer> {
  const output: Uint8Array[] = [];
  const take = (): void => {
    const view = encoder.take();
    if (view !== undefined) {
      output.push(view.slice());
      look(encoder.checkpoint?.());
    }
  };
  for (let at = 0; at < input.length; take()) {
    at = encoder.update(input, at);
  }
  encoder.finish();
  take();
  encoder.release();
  return concat(...output);
}

async function sha512Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)));
}

/** States that are saved and resumed, and what else `varve/core` has beside the machines. */
export const saving: Suite = (test) => {
  const input = mixed(1_300_000, 71);

  for (const Kind of [Gzip, GzipLayerMachine]) {
    test(`${Kind.name} goes on from every checkpoint to the bytes of an uninterrupted run`, () => {
      const checkpoints: Uint8Array[] = [];
      const whole = run(new Kind(1), input, (checkpoint) => {
        ensure(checkpoint !== undefined, "there is no checkpoint");
        checkpoints.push(checkpoint);
      });
      ensure(checkpoints.length > 2, "there are too few pieces");
      for (const checkpoint of checkpoints) {
        const { inputOffset, outputOffset } = describeCheckpoint(checkpoint);
        const rest = run(Kind.resume(checkpoint, 1), input.subarray(inputOffset));
        sameBytes(rest, whole.subarray(outputOffset), `the rest from ${inputOffset} on`);
      }
    });
  }

  test("a resumed layer has the digest of the whole, and knows the hash of what came before", async () => {
    const whole = newLayer(input);
    await readToEnd(await whole.compressed());
    const first = newLayer(pieces(input.subarray(0, 900_000), 100_000));
    const iterator = first.chunks();
    await iterator.next();
    await iterator.next();
    const checkpoint = first.checkpoint();
    await iterator.return?.();
    ensure(checkpoint !== undefined, "there is no checkpoint");
    const { inputOffset } = describeCheckpoint(checkpoint);
    const prefix = input.subarray(0, inputOffset);
    sameBytes(checkpointInputHash(checkpoint), new Sha256().update(prefix).save(), "the hash of the input");
    const second = newLayer(input.subarray(inputOffset), { resume: checkpoint });
    await readToEnd(await second.compressed());
    equal(String(await second.digest()), String(await whole.digest()), "the digest");
    equal(String(await second.diffID()), String(await whole.diffID()), "the diffID");
  });

  test("a damaged checkpoint is refused", async () => {
    const machine = new GzipLayerMachine(1);
    const checkpoint = machine.checkpoint();
    machine.release();
    checkpoint[checkpoint.length >>> 1]! ^= 1;
    const error = await refuses(() => GzipLayerMachine.resume(checkpoint), CheckpointError);
    equal(error.reason, "damaged");
    equal(error.code, "ERR_VARVE_CHECKPOINT");
  });

  test("hashes are saved and resumed", async () => {
    const message = randomBytes(100_000, 72);
    for (const at of [0, 1, 64, 127, 128, 70_001]) {
      const [head, tail] = [message.subarray(0, at), message.subarray(at)];
      const short = Sha256.resume(new Sha256().update(head).save()).update(tail);
      equal(toHex(short.digest()), await sha256Hex(message), `SHA-256 cut at ${at}`);
      const long = Sha512.resume(new Sha512().update(head).save()).update(tail);
      equal(toHex(long.digest()), await sha512Hex(message), `SHA-512 cut at ${at}`);
    }
  });

  test("SHA-512 equals Web Crypto's for all lengths from 0 to 300, and that of FIPS 180-4's example", async () => {
    const bytes = randomBytes(300, 73);
    for (let length = 0; length <= 300; length++) {
      const message = bytes.slice(0, length);
      equal(toHex(sha512(message)), await sha512Hex(message), `the digest of ${length} bytes`);
    }
    equal(toHex(sha512(ascii("abc"))).slice(0, 16), "ddaf35a193617aba");
  });

  test("gzip() gives what Gzip gives, and GzipStream too, which GunzipStream undoes", async () => {
    const expected = run(new Gzip(1), input);
    sameBytes(gzip(input), expected, "the output of gzip()");
    sameBytes(await gunzip(gzip(input, { level: 0 })), input, "what level 0 inflates to");
    const source = (): ReadableStream<Uint8Array> => new Blob([input]).stream();
    sameBytes(
      await readToEnd(source().pipeThrough(new GzipStream({ level: 1 }))),
      expected,
      "the stream's output",
    );
    const there = source().pipeThrough(new GzipStream());
    sameBytes(await readToEnd(there.pipeThrough(new GunzipStream())), input, "what comes back");
  });

  test("a GzipStream hands the reader's cancelling on to its source", async () => {
    let reason: unknown;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(randomBytes(300_000, 74)),
      cancel(given): void {
        reason = given;
      },
    });
    const reader = endless.pipeThrough(new GzipStream()).getReader();
    await reader.read();
    await reader.cancel("enough");
    for (let turn = 0; turn < 10 && reason === undefined; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    equal(reason, "enough", "what the source was told");
  });
};
