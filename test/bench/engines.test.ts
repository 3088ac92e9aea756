import { describe, expect, it } from "vitest";
import { allLevels, cases, chooseEngines, hasLevel } from "../../bench/cases.mjs";
import { Random } from "../../bench/random.mjs";
import { verified } from "../../bench/verify.mjs";

/** Text, then noise: something for every kind of block. Its length is no multiple of any write size. */
const input = new Uint8Array(
  Buffer.concat([
    Buffer.from("a layer of a container image is a tar of files ".repeat(2000)),
    new Random(5).fill(new Uint8Array(40_000)),
    Buffer.from("end"),
  ]),
);

const given = (which: (typeof cases)["gzip"], bytes: Uint8Array): Uint8Array => which.from?.(bytes) ?? bytes;

const peers = Object.entries(cases).flatMap(([name, which]) =>
  chooseEngines(which)
    .filter(([engine]) => engine !== "varve")
    .map(([engine, entry]) => ({ name, which, engine, entry })),
);

describe.each(peers)("$engine in the case $name", ({ which, engine, entry }) => {
  it("does the whole job in every configuration that is tried", async () => {
    for (const configuration of entry.configurations) {
      const contender = await entry.prepare(given(which, input), 1, configuration);
      await verified(contender, input, which.verify);
    }
  });

  it("is measured in a configuration that was tried", () => {
    expect(entry.configurations).toContainEqual(entry.best);
  });

  it("goes by the name it is chosen by, and does the same again on a second run", async () => {
    const contender = await entry.prepare(given(which, input), 1, entry.best);
    expect(contender.engine).toBe(engine);
    expect(await contender.run()).toEqual(await contender.run());
  });

  it("does nothing but the framing for a single byte", async () => {
    const byte = Uint8Array.of(42);
    await verified(await entry.prepare(given(which, byte), 1, entry.best), byte, which.verify);
  });
});

describe("hasLevel", () => {
  it("knows the levels that a peer takes without having them", () => {
    const { fflate, node, varve } = cases.gzip.engines;
    expect([-2, 0, 9, 10].map((level) => hasLevel(fflate!, level))).toEqual([false, true, true, false]);
    expect([-1, 12].map((level) => hasLevel(node!, level))).toEqual([true, false]);
    expect(allLevels.every((level) => hasLevel(varve!, level))).toBe(true);
  });
});

describe.runIf(process.env.VARVE_TEST_REQUIRE === "all")("the native programs", () => {
  it.each(["libdeflate-gzip", "pigz", "igzip"])("have %s among them", (name) => {
    expect(cases.gzip.engines[name]?.missing).toBeUndefined();
    expect(cases.gunzip.engines[name]?.missing).toBeUndefined();
  });
});

describe("CompressionStream", () => {
  it("says that levels mean nothing to it", async () => {
    const stream = cases.layer.engines["compression-stream"];
    expect((await stream?.prepare(input, 9, stream.best))?.level).toBeNull();
  });
});

describe("chooseEngines", () => {
  it("takes all engines of the case, in its order, unless some are named", () => {
    expect(chooseEngines(cases.layer).map(([name]) => name)).toEqual([
      "varve",
      "node",
      "compression-stream",
      "fflate+hash-wasm",
      "pako+noble",
    ]);
    expect(chooseEngines(cases.layer, ["pako+noble", "node"]).map(([name]) => name)).toEqual([
      "pako+noble",
      "node",
    ]);
  });

  it("names the engines there are when it is asked for another", () => {
    expect(() => chooseEngines(cases.sha256, ["gzip"])).toThrow("it has varve, hash-wasm, node, noble");
    expect(() => chooseEngines(cases.sha256, ["toString"])).toThrow(RangeError);
  });

  it("leaves out what this runtime lacks, and says why when it is asked for it", () => {
    const lacking = {
      ...cases.crc32,
      engines: { ...cases.crc32.engines, node: { ...cases.crc32.engines.node, missing: "too old" } },
    } as typeof cases.crc32;
    expect(chooseEngines(lacking).map(([name]) => name)).toEqual(["varve", "hash-wasm"]);
    expect(() => chooseEngines(lacking, ["node"])).toThrow("too old");
  });
});

describe("varve in the layer case", () => {
  it("is measured with 1 and N threads and either hash, and says which it was", async () => {
    const { layer } = cases;
    const variants = layer.engines.varve?.variants?.(3) ?? [];
    const contenders = await Promise.all(
      variants.map((configuration) => layer.engines.varve?.prepare(input, 1, configuration)),
    );
    expect(contenders.map((contender) => [contender?.engine, contender?.threads, contender?.sha256])).toEqual(
      [
        ["varve", 1, "wasm"],
        ["varve", 1, "native"],
        ["varve", 3, "wasm"],
        ["varve", 3, "native"],
      ],
    );
    for (const contender of contenders) await verified(contender!, input, layer.verify);
  });

  it("is measured once with each hash where there is one thread", () => {
    expect(cases.layer.engines.varve?.variants?.(1)).toHaveLength(2);
  });
});
