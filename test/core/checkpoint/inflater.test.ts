import { constants, deflateRawSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  describeCheckpoint,
  Gunzip,
  GunzipLayerMachine,
  Gzip,
  Inflate,
  init,
  OutputLimitError,
  Sha256,
} from "../../../src/core/index.js";
import { BitWriter, fixedLitlen, member, storedBlock } from "../../fixtures/bit-writer.js";
import { ascii, concat, mixed, randomBytes, text, xorshift32 } from "../../fixtures/bytes.js";
import { expectRefused, resealed } from "../../fixtures/checkpoints.js";
import { inflated } from "../../fixtures/inflate.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";

type Core = typeof import("../../../src/core/index.js");

/** Another module graph, with instances of its own: as far away as another process. */
let elsewhere: Core;

beforeAll(async () => {
  await init();
  vi.resetModules();
  elsewhere = await import("../../../src/core/index.js");
  await elsewhere.init();
});

/** A DEFLATE stream of all kinds of blocks, of which the later ones reach back into the earlier. */
const blocks = ((): { deflate: Uint8Array; data: Uint8Array } => {
  const head = text(300, 1);
  const noise = randomBytes(50, 2);
  const body = text(2000, 3);
  const writer = new BitWriter();
  storedBlock(writer, false, noise);
  writer.bits(0, 1).bits(1, 2);
  for (const byte of head) writer.symbol(fixedLitlen, byte);
  writer.symbol(fixedLitlen, 256);
  storedBlock(writer, false, new Uint8Array(0));
  const dictionary = concat(noise, head);
  return {
    deflate: concat(writer.bytes(), deflateRawSync(body, { dictionary, level: 9 })),
    data: concat(noise, head, body),
  };
})();

const file = concat(
  member(blocks.deflate, blocks.data, {
    extra: ascii("some extra field"),
    name: ascii("name"),
    comment: ascii("comment"),
    crc: "right",
  }),
  member(blocks.deflate, blocks.data),
  new Uint8Array(20),
);
const content = concat(blocks.data, blocks.data);

const machines = [
  { name: "Gunzip" as const, kind: "gunzip", input: file, data: content },
  { name: "GunzipLayerMachine" as const, kind: "gunzip-layer", input: file, data: content },
  {
    name: "Inflate" as const,
    kind: "inflate",
    input: concat(blocks.deflate, new Uint8Array(20)),
    data: blocks.data,
  },
];

/** Gives bytes to a machine, takes all that comes of them, and returns it. */
function give(machine: { update: Gunzip["update"]; take: Gunzip["take"] }, bytes: Uint8Array): Uint8Array {
  const output: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    offset = machine.update(bytes, offset);
    output.push(machine.take()?.slice() ?? new Uint8Array(0));
  }
  return concat(...output);
}

describe.each(machines)("a checkpoint of $name", ({ name, kind, input, data }) => {
  it("can be taken between any two bytes, and is resumed elsewhere to the same output", () => {
    let longest = 0;
    const first = new { Gunzip, GunzipLayerMachine, Inflate }[name]();
    let output: Uint8Array = new Uint8Array(0);
    for (let at = 0; at <= input.length; at++) {
      const checkpoint = first.checkpoint() as Uint8Array<ArrayBuffer>;
      longest = Math.max(longest, checkpoint.length);
      expect(describeCheckpoint(checkpoint)).toEqual({
        kind,
        format: "",
        inputOffset: at,
        outputOffset: output.length,
      });
      const second = elsewhere[name].resume(checkpoint);
      expectSameBytes(second.checkpoint() as Uint8Array, checkpoint);
      const rest = give(second, input.subarray(at));
      expectSameBytes(concat(output, rest), data);
      second.finish();
      if ("result" in second) {
        const whole = new GunzipLayerMachine();
        give(whole, input);
        whole.finish();
        expect(second.result()).toEqual(whole.result());
        whole.release();
      }
      second.release();
      if (at < input.length) output = concat(output, give(first, input.subarray(at, at + 1)));
    }
    expect(longest).toBeLessThan(4096);
    first.finish();
    first.release();
  });

  it("is refused as a checkpoint of anything else", () => {
    const checkpoint = new { Gunzip, GunzipLayerMachine, Inflate }[name]().checkpoint() as Uint8Array;
    for (const other of machines) {
      if (other.name === name) continue;
      expectRefused(() => ({ Gunzip, GunzipLayerMachine, Inflate })[other.name].resume(checkpoint), "kind");
    }
    expectRefused(() => Gzip.resume(checkpoint), "kind");
    const compressing = new Gzip(1);
    const foreign = [new Sha256().save(), compressing.checkpoint()];
    for (const each of foreign)
      expectRefused(() => ({ Gunzip, GunzipLayerMachine, Inflate })[name].resume(each), "kind");
    compressing.release();
  });
});

describe("a checkpoint of a long stream", () => {
  const data = concat(mixed(600_000, 4), text(300_000, 5));
  const gzip = new Uint8Array(gzipSync(data));

  it("is taken wherever the reader stands, with 32 KiB of history, and resumed in turns", () => {
    const next = xorshift32(6);
    let machine = new GunzipLayerMachine();
    const output: Uint8Array[] = [];
    let turns = 0;
    for (let at = 0; at < gzip.length; turns++) {
      const chunk = gzip.subarray(at, at + 1 + (next() % 40_000));
      // Not always used up: the machine may stop because it has no more room.
      at += machine.update(chunk, 0);
      output.push(machine.take()?.slice() ?? new Uint8Array(0));
      const checkpoint = machine.checkpoint() as Uint8Array;
      expect(checkpoint.length).toBeLessThanOrEqual(49_152);
      expect(describeCheckpoint(checkpoint).inputOffset).toBe(at);
      machine.release();
      machine = (turns % 2 ? { GunzipLayerMachine } : elsewhere).GunzipLayerMachine.resume(checkpoint);
    }
    machine.finish();
    expectSameBytes(concat(...output), data);
    const whole = new GunzipLayerMachine();
    give(whole, gzip);
    whole.finish();
    expect(machine.result()).toEqual(whole.result());
    expect(turns).toBeGreaterThan(10);
    machine.release();
    whole.release();
  });

  it("is not to be had while output waits, nor of a stream that is bad or over; it throws after release", () => {
    const machine = new Gunzip();
    machine.update(gzip.subarray(0, 50_000), 0);
    expect(machine.checkpoint()).toBeUndefined();
    machine.take();
    expect(machine.checkpoint()).toBeDefined();
    machine.release();
    expect(() => machine.checkpoint()).toThrow(/released/);
    const bad = new Gunzip();
    expect(() => bad.update(ascii("no gzip"), 0)).toThrow();
    expect(bad.checkpoint()).toBeUndefined();
    const over = new GunzipLayerMachine();
    give(over, gzip);
    over.finish();
    expect(over.checkpoint()).toBeUndefined();
  });

  it("keeps the limit and what is done about trailing data", () => {
    const trailed = concat(gzip, ascii("and so on"));
    const machine = new Gunzip({ maxBytes: data.length, trailing: "ignore" });
    const first = give(machine, trailed.subarray(0, 70_000));
    const checkpoint = machine.checkpoint() as Uint8Array;
    const rest = inflated(Gunzip.resume(checkpoint), [trailed.subarray(70_000)]);
    expect(rest.error).toBeUndefined();
    expectSameBytes(concat(first, rest.output), data);

    const limited = new Gunzip({ maxBytes: 400_000 });
    const before = give(limited, gzip.subarray(0, 70_000));
    const after = inflated(Gunzip.resume(limited.checkpoint() as Uint8Array), [gzip.subarray(70_000)]);
    expect(after.error).toBeInstanceOf(OutputLimitError);
    expectSameBytes(concat(before, after.output), data.subarray(0, 400_000));
  });

  it("finds what is wrong behind it at the offset in the whole stream", () => {
    const bad = gzip.slice();
    bad[bad.length - 6] = (bad[bad.length - 6] as number) ^ 1;
    const machine = new Gunzip();
    give(machine, bad.subarray(0, 99_000));
    const { error } = inflated(Gunzip.resume(machine.checkpoint() as Uint8Array), [bad.subarray(99_000)]);
    expect(error).toMatchObject({ reason: "crc-mismatch", offset: bad.length - 8 });
  });
});

describe("a checkpoint that is not what was taken", () => {
  const gzip = new Uint8Array(gzipSync(text(3000, 7)));
  const taken = (at: number): Uint8Array<ArrayBuffer> => {
    const machine = new GunzipLayerMachine();
    give(machine, gzip.subarray(0, at));
    const checkpoint = machine.checkpoint() as Uint8Array<ArrayBuffer>;
    machine.release();
    return checkpoint;
  };

  it("is refused with any byte changed, at any other length, and when a newer varve wrote it", () => {
    const checkpoint = taken(500);
    for (let i = 0; i < checkpoint.length; i++) {
      const damaged = checkpoint.slice();
      damaged[i] = (damaged[i] as number) ^ (1 << (i & 7));
      expectRefused(() => GunzipLayerMachine.resume(damaged));
    }
    for (let length = 0; length < checkpoint.length; length += 3)
      expectRefused(() => GunzipLayerMachine.resume(checkpoint.subarray(0, length)), "truncated");
    const newer = checkpoint.slice();
    newer[8] = 2;
    expectRefused(() => GunzipLayerMachine.resume(resealed(newer)), "version");
  });

  it("does no harm though its checksum is right: it is refused, or its stream ends, or is bad", () => {
    const next = xorshift32(8);
    let refused = 0;
    let bad = 0;
    for (let i = 0; i < 3000; i++) {
      const at = 1 + (next() % (gzip.length - 1));
      const forged = taken(at);
      // The fields begin behind the offsets, the kind and the format.
      for (let count = 1 + (next() % 3); count > 0; count--) {
        const place = 44 + (next() % (next() % 2 ? 90 : forged.length - 44 - 32));
        forged[place] = next() & 255;
      }
      let machine: GunzipLayerMachine;
      try {
        machine = GunzipLayerMachine.resume(resealed(forged));
      } catch {
        expectRefused(() => GunzipLayerMachine.resume(resealed(forged)), "damaged");
        refused++;
        continue;
      }
      if (inflated(machine, [gzip.subarray(at)]).error) bad++;
    }
    expect(refused).toBeGreaterThan(300);
    expect(bad).toBeGreaterThan(300);
  });
});

describe("the fixed code after a boundary", () => {
  const fixed = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { strategy: constants.Z_FIXED });
  const first = fixed(ascii("hello hello hello"));
  const second = fixed(ascii("and on in the fixed code"));

  /** Saves a machine that stands behind a member of the fixed code. */
  function saved(): Uint8Array {
    const machine = new Gunzip();
    machine.update(first, 0);
    machine.take();
    const checkpoint = machine.checkpoint() as Uint8Array;
    machine.release();
    return checkpoint;
  }

  it("is built anew by an instance that has never inflated", async () => {
    const checkpoint = saved();
    vi.resetModules();
    const fresh: Core = await import("../../../src/core/index.js");
    await fresh.init();
    expectSameBytes(
      inflated(fresh.Gunzip.resume(checkpoint), [second]).output,
      ascii("and on in the fixed code"),
    );
  });

  it("is built anew by an instance that has last read another code", () => {
    const checkpoint = saved();
    const other = new Gunzip();
    inflated(other, [gzipSync(text(5000, 77), { level: 9 })]);
    expectSameBytes(inflated(Gunzip.resume(checkpoint), [second]).output, ascii("and on in the fixed code"));
  });

  it("is built anew between two blocks of DEFLATE alone", () => {
    const writer = new BitWriter();
    for (const final of [0, 1]) {
      writer.bits(final, 1).bits(1, 2);
      for (const byte of ascii("block")) writer.symbol(fixedLitlen, byte);
      writer.symbol(fixedLitlen, 256);
      if (final === 0) storedBlock(writer, false, ascii("between"));
    }
    const deflate = writer.bytes();
    for (let cut = 1; cut < deflate.length; cut++) {
      const machine = new Inflate();
      machine.update(deflate.subarray(0, cut), 0);
      const head = machine.take()?.slice() ?? new Uint8Array(0);
      const checkpoint = machine.checkpoint() as Uint8Array;
      machine.release();
      inflated(new Gunzip(), [gzipSync(text(3000, cut), { level: 9 })]);
      const { output: rest } = inflated(Inflate.resume(checkpoint), [deflate.subarray(cut)]);
      expectSameBytes(concat(head, rest), ascii("blockbetweenblock"));
    }
  });
});
