import { type Encoder, Gzip, GzipLayerMachine, IdentityLayerMachine, toHex } from "varve/core";
import { newLayer } from "varve/stream";
import { concat, randomBytes } from "../fixtures/bytes.js";
import { goldenInputs, golden as table } from "../golden/inputs.js";
import { equal, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** Feeds an encoder, takes everything that it gives, and gives its instance back. */
function encode(encoder: Encoder, chunks: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const output: Uint8Array[] = [];
  const takeAll = (): void => {
    for (let view = encoder.take(); view !== undefined; view = encoder.take()) {
      output.push(view.slice());
    }
  };
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; takeAll()) {
      offset = encoder.update(chunk, offset);
    }
  }
  encoder.finish();
  takeAll();
  encoder.release();
  return concat(...output);
}

/** What an instance is used for in between, so that it does not come to the next stream as new. */
const OTHER_STREAM = randomBytes(300_000, 51);

/** Compresses in every way that there is, which must all give the same bytes, and returns these. */
async function compress(input: Uint8Array<ArrayBuffer>, level: number): Promise<Uint8Array<ArrayBuffer>> {
  const machine = new GzipLayerMachine(level);
  const output = encode(machine, [input]);
  const { digest, diffID, size, uncompressedSize } = machine.result();
  equal(toHex(digest), await sha256Hex(output), "the digest");
  equal(toHex(diffID), await sha256Hex(input), "the diffID");
  equal(size, output.length, "the size");
  equal(uncompressedSize, input.length, "the uncompressed size");
  sameBytes(await gunzip(output), input, "the inflated output");

  sameBytes(encode(new Gzip(level), [input]), output, "the output of Gzip");
  for (const longest of [1000, 400_000]) {
    encode(new GzipLayerMachine(level === 0 ? 1 : 0), [OTHER_STREAM]);
    const again = encode(new GzipLayerMachine(level), pieces(input, longest));
    sameBytes(again, output, `the output of a used instance, from pieces of at most ${longest} bytes,`);
  }
  const layer = newLayer(pieces(input, 90_000), { compressionLevel: level });
  sameBytes(await readToEnd(await layer.compressed()), output, "the output of the stream");
  equal((await layer.digest()).hex, toHex(digest), "the layer's digest");
  equal((await layer.diffID()).hex, toHex(diffID), "the layer's diffID");
  equal(await layer.size(), size, "the layer's size");
  return output;
}

/** The golden inputs. Whether their digests are those of the golden table is told where all runtimes hand them in. */
export const golden: Suite = (test) => {
  for (const { name, make } of goldenInputs) {
    test(`golden ${name}: machine, gzip and stream give the same bytes, however they are cut`, async ({
      record,
    }) => {
      const input = make();
      for (const level of table.levels) {
        record(`${name}/${level}`, await sha256Hex(await compress(input, level)));
      }
    });
  }

  test("machines that run side by side give what each gives alone", () => {
    const inputs = [randomBytes(900_000, 5), randomBytes(900_000, 6)] as const;
    const alone = inputs.map((input) => encode(new GzipLayerMachine(1), [input]));
    const machines = [new GzipLayerMachine(1), new GzipLayerMachine(1)] as const;
    const outputs: Uint8Array[][] = [[], []];
    const takeFrom = (which: 0 | 1): void => {
      const view = machines[which].take();
      if (view !== undefined) {
        outputs[which]!.push(view.slice());
      }
    };
    const offsets: [number, number] = [0, 0];
    while (offsets[0] < 900_000 || offsets[1] < 900_000) {
      for (const which of [0, 1] as const) {
        offsets[which] = machines[which].update(inputs[which], offsets[which]);
        takeFrom(which);
      }
    }
    for (const which of [0, 1] as const) {
      machines[which].finish();
      takeFrom(which);
      sameBytes(concat(...outputs[which]!), alone[which]!, `the output of machine ${which}`);
      machines[which].release();
    }
  });

  test("the machine of uncompressed layers hands its input out and hashes it", async () => {
    const input = randomBytes(700_001, 1);
    const machine = new IdentityLayerMachine();
    sameBytes(encode(machine, pieces(input, 100_000)), input);
    const { digest, diffID, size, uncompressedSize } = machine.result();
    equal(toHex(digest), await sha256Hex(input), "the digest");
    equal(toHex(diffID), toHex(digest), "the diffID");
    equal(size, input.length, "the size");
    equal(uncompressedSize, input.length, "the uncompressed size");
  });
};
