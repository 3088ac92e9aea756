import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append, HistoryError, NotBasedOnError, rebase } from "../../src/mutate/index.js";
import { unwrap } from "../../src/partial/index.js";
import { newLayer } from "../../src/stream/index.js";
import { type ConfigFile, type Image, NotComputedError, UnsupportedError } from "../../src/v1/index.js";
import { imageOf, imageOfBytes, MemoryLayer, sha256, utf8 } from "./fixture/images.js";

const layer = (text: string): MemoryLayer => new MemoryLayer(utf8(text));
const [old1, old2, new1, new2, new3, own1, own2] = [
  "old1",
  "old2",
  "new1",
  "new2",
  "new3",
  "own1",
  "own2",
].map(layer) as [MemoryLayer, MemoryLayer, MemoryLayer, MemoryLayer, MemoryLayer, MemoryLayer, MemoryLayer];

/** History that tells which layer it is of; in `empty` are entries of none. */
function told(...names: readonly string[]): Pick<ConfigFile, "history"> {
  return {
    history: names.map((name) =>
      name.startsWith("(") ? { createdBy: name, emptyLayer: true } : { createdBy: name },
    ),
  };
}

async function layersOf(image: Image): Promise<readonly object[]> {
  return (await image.layers()).map(unwrap);
}

async function historyOf(image: Image): Promise<readonly (string | undefined)[]> {
  return ((await image.configFile()).history ?? []).map(({ createdBy }) => createdBy);
}

describe("rebase", () => {
  const oldBase = imageOf([old1, old2], told("old1", "(old env)", "old2", "(old cmd)"));
  const newBase = imageOf([new1, new2, new3], {
    ...told("new1", "(new env)", "new2", "new3"),
    architecture: "arm64",
    os: "plan9",
    osVersion: "4",
    variant: "v8",
  });
  const original = imageOf(
    [old1, old2, own1, own2],
    {
      ...told("old1", "(old env)", "old2", "(old cmd)", "(own env)", "own1", "own2", "(own cmd)"),
      created: "2020-01-01T00:00:00Z",
      author: "me",
      osFeatures: ["win32k"],
      config: { cmd: ["run"] },
    },
    { annotations: { a: "b" }, mediaType: "application/x" },
  );

  it("puts what is above the old base on the new one, with its history", async () => {
    const image = await rebase(original, oldBase, newBase);
    expect(await layersOf(image)).toEqual([new1, new2, new3, own1, own2]);
    expect(await historyOf(image)).toEqual([
      "new1",
      "(new env)",
      "new2",
      "new3",
      "(own env)",
      "own1",
      "own2",
      "(own cmd)",
    ]);
    const { rootfs } = await image.configFile();
    expect(rootfs.diffIDs).toEqual([new1, new2, new3, own1, own2].map((each) => each.contentDiffID));
  });

  it("takes the platform from the new base and everything else from the image", async () => {
    const image = await rebase(original, oldBase, newBase);
    const { history: _, rootfs: __, ...file } = await image.configFile();
    expect(file).toEqual({
      architecture: "arm64",
      os: "plan9",
      osVersion: "4",
      variant: "v8",
      created: "2020-01-01T00:00:00Z",
      author: "me",
      config: { cmd: ["run"] },
    });
    const { annotations, mediaType } = await image.manifest();
    expect({ annotations, mediaType }).toEqual({ annotations: { a: "b" }, mediaType: "application/x" });
  });

  it("keeps what manifests say of layers", async () => {
    const described = [
      old1.contentDescriptor,
      { ...own1.contentDescriptor, annotations: { a: "b" }, mediaType: "application/y" },
    ];
    const image = await rebase(
      imageOf([old1, own1], {}, { layers: described }),
      imageOf([old1]),
      append(imageOf([]), { layer: new1, urls: ["https://a.example/"] }),
    );
    expect((await image.manifest()).layers).toEqual([
      { ...new1.contentDescriptor, urls: ["https://a.example/"] },
      described[1],
    ]);
  });

  it("loses no layer of an image without any history", async () => {
    const image = await rebase(imageOf([old1, own1, own2]), imageOf([old1]), imageOf([new1]));
    expect(await layersOf(image)).toEqual([new1, own1, own2]);
  });

  it("loses and repeats no layer if the history tells of fewer or more than there are", async () => {
    const partly = imageOf([old1, own1, own2], told("old1"));
    expect(await layersOf(await rebase(partly, imageOf([old1], told("old1")), newBase))).toEqual([
      new1,
      new2,
      new3,
      own1,
      own2,
    ]);
    const poor = imageOf([old1, old2], told("old1"));
    const rich = imageOf([old1, old2, own1], told("old1", "old2", "own1"));
    const image = await rebase(rich, poor, imageOf([new1], told("new1")));
    expect(await layersOf(image)).toEqual([new1, own1]);
    expect(await historyOf(image)).toEqual(["new1", "own1"]);
  });

  it("always gives the new base's layers, and then those above the old base", async () => {
    const entries = fc.array(fc.boolean(), { maxLength: 4 });
    const count = fc.nat(3);
    await fc.assert(
      fc.asyncProperty(count, count, count, entries, entries, async (olds, owns, news, ...histories) => {
        const pool = [old1, old2, new3];
        const [lower, upper, fresh] = [
          pool.slice(0, olds),
          [own1, own2, new1].slice(0, owns),
          pool.slice(0, news),
        ];
        const [first, second] = histories.map((each) => ({
          history: each.map((emptyLayer) => (emptyLayer ? { emptyLayer } : {})),
        }));
        const fits = (history: readonly object[], layers: readonly object[]): boolean =>
          history.filter((each) => !("emptyLayer" in each)).length <= layers.length;
        fc.pre(fits(first!.history, [...lower, ...upper]) && fits(second!.history, lower));
        const image = await rebase(
          imageOf([...lower, ...upper], first),
          imageOf(lower, second),
          imageOf(fresh),
        );
        expect(await layersOf(image)).toEqual([...fresh, ...upper]);
        const { history = [], rootfs } = await image.configFile();
        expect(history.filter(({ emptyLayer }) => !emptyLayer)).toHaveLength(rootfs.diffIDs?.length ?? 0);
      }),
      { numRuns: 200 },
    );
  });

  it("acceptance 71: refuses an image that is not based on the old base, and tells why", async () => {
    const digest = String(await own1.digest());
    const refused = rebase(imageOf([old1, own1]), imageOf([old1, old2]), newBase);
    await expect(refused).rejects.toThrow(NotBasedOnError);
    await expect(refused).rejects.toThrow(/^image sha256:\w+ is not based on sha256:\w+: /);
    await expect(refused).rejects.toThrow(`layer 1 is ${digest}, and the base's is ${await old2.digest()}`);
    await expect(rebase(imageOf([old1]), oldBase, newBase)).rejects.toThrow(
      /it has 1 layers, .* the base has 2/,
    );
  });

  it("refuses history of more layers than there are", async () => {
    const broken = imageOf([new1], told("new1", "new2"));
    await expect(rebase(imageOf([]), imageOf([]), broken)).rejects.toThrow(HistoryError);
    await expect(rebase(broken, imageOf([]), imageOf([]))).rejects.toThrow(
      /history of the image has 2 entries/,
    );
  });

  it("refuses images that wait for streams, and artifacts", async () => {
    const waiting = append(imageOf([]), { layer: newLayer(utf8("x")) });
    await expect(rebase(waiting, imageOf([]), newBase)).rejects.toThrow(NotComputedError);
    const raw = utf8("{}");
    const config = { mediaType: "application/x", size: 2, digest: sha256(raw) };
    const artifact = imageOfBytes([], raw, { config });
    await expect(rebase(imageOf([]), imageOf([]), artifact)).rejects.toThrow(UnsupportedError);
    const image = await rebase(artifact, imageOf([]), newBase);
    await expect(image.digest()).rejects.toThrow(UnsupportedError);
  });

  it("reads no layer", async () => {
    await (await rebase(original, oldBase, newBase)).digest();
    expect([old1, old2, new1, new2, new3, own1, own2].map(({ opened }) => opened)).toEqual(Array(7).fill(0));
  });

  it("gives up when its signal is aborted", async () => {
    const reason = new Error("enough");
    const image = append(original, { layer: own1 });
    await expect(rebase(image, oldBase, newBase, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
