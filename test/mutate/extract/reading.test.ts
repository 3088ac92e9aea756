import { describe, expect, it } from "vitest";
import { appendLayers, extract } from "../../../src/mutate/index.js";
import { memorySpool, newLayer } from "../../../src/stream/index.js";
import { type Image, type Layer, type ReadOptions, UnsupportedError } from "../../../src/v1/index.js";
import { file, hardLink, imageOf, type MemoryLayer, readBytes, tarLayer, tarOf } from "../fixture/images.js";
import { listTar } from "../fixture/unpack.js";

/** The image, with layers that are as given. */
function withLayers(image: Image, layers: readonly Layer[]): Image {
  return new Proxy(image, {
    get: (target, name) => {
      if (name === "layers") return async () => layers;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function threeLayers(): Promise<readonly MemoryLayer[]> {
  const names = ["bottom", "middle", "top"];
  return Promise.all(names.map((name) => tarLayer(file(name, name.repeat(2000)), file(`${name}2`))));
}

describe("extract", () => {
  it("reads nothing before it is read, and then no more than is asked for", async () => {
    const layers = await threeLayers();
    const stream = extract(withLayers(imageOf(layers), layers));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(layers.map(({ opened }) => opened)).toEqual([0, 0, 0]);
    const reader = stream.getReader();
    await reader.read();
    await reader.read();
    expect(layers.map(({ opened }) => opened)).toEqual([0, 0, 1]);
    await reader.cancel();
    expect(layers.map(({ closed }) => closed)).toEqual([0, 0, 1]);
  });

  it("closes each layer before it opens the next, also where one is read twice", async () => {
    const lower = await tarLayer(file("x", "old"), hardLink("y", "x"));
    const layers = [lower, await tarLayer(file("x", "new")), await tarLayer(file("z"))];
    let open = 0;
    let most = 0;
    const counting = layers.map((layer): Layer => {
      const uncompressed = async (): Promise<ReadableStream<Uint8Array>> => {
        expect(open).toBe(layers.reduce((sum, { opened, closed }) => sum + opened - closed, 0));
        most = Math.max(most, ++open);
        const reader = (await layer.uncompressed()).getReader();
        return new ReadableStream({
          async pull(controller) {
            const { done, value } = await reader.read();
            if (!done) controller.enqueue(value);
            else {
              open--;
              controller.close();
            }
          },
        });
      };
      return Object.assign(Object.create(layer), { uncompressed, diffID: () => layer.diffID() });
    });
    expect(await listTar(await readBytes(extract(withLayers(imageOf(layers), counting))))).toHaveLength(3);
    expect({ open, most }).toEqual({ open: 0, most: 1 });
    expect(layers.map(({ opened }) => opened)).toEqual([2, 1, 1]);
  });

  it("fails with a layer's own error, and closes what it has opened", async () => {
    const layers = await threeLayers();
    const failure = new Error("the disk is on fire");
    const failing = { ...layers[1]!, uncompressed: () => Promise.reject(failure) } as unknown as Layer;
    const image = withLayers(imageOf(layers), [layers[0]!, failing, layers[2]!]);
    await expect(readBytes(extract(image))).rejects.toBe(failure);
    expect(layers.map(({ opened, closed }) => [opened, closed])).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  it("fails with the image's own error", async () => {
    const failure = new Error("gone");
    const image = new Proxy(imageOf([]), {
      get: (target, name) => (name === "layers" ? () => Promise.reject(failure) : Reflect.get(target, name)),
    });
    await expect(readBytes(extract(image))).rejects.toBe(failure);
  });

  describe.each(["aborted", "cancelled"] as const)("when it is %s", (how) => {
    it("lets go at once of a layer that gives nothing more", async () => {
      const layers = await threeLayers();
      const tar = await tarOf(file("a", "x".repeat(5000)));
      let cancelled: unknown;
      let given = 0;
      const stuck = {
        uncompressed: async () =>
          new ReadableStream<Uint8Array>(
            {
              pull: (controller) => {
                if (given++ > 0) return new Promise<void>(() => {});
                controller.enqueue(tar.subarray(0, 1000));
                return undefined;
              },
              cancel: (reason) => {
                cancelled = reason;
              },
            },
            { highWaterMark: 0 },
          ),
      } as unknown as Layer;
      const controller = new AbortController();
      const image = withLayers(imageOf([layers[0]!]), [stuck]);
      const stream = extract(image, { signal: controller.signal });
      const reader = stream.getReader();
      await reader.read();
      await reader.read();
      const pending = reader.read();
      const reason = new Error("enough");
      if (how === "aborted") {
        controller.abort(reason);
        await expect(pending).rejects.toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason });
      } else {
        await reader.cancel(reason);
        expect((await pending).done).toBe(true);
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(cancelled).toBeDefined();
    });

    it("gives up a layer that does not open", async () => {
      const signals: (AbortSignal | undefined)[] = [];
      const stuck = {
        uncompressed: (options?: ReadOptions) => {
          signals.push(options?.signal);
          return new Promise(() => {});
        },
      } as unknown as Layer;
      const controller = new AbortController();
      const stream = extract(withLayers(imageOf([]), [stuck]), { signal: controller.signal });
      const reader = stream.getReader();
      const pending = reader.read();
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(signals).toHaveLength(1);
      if (how === "aborted") {
        controller.abort();
        await expect(pending).rejects.toMatchObject({ code: "ERR_VARVE_ABORTED" });
      } else {
        await reader.cancel();
      }
      expect(signals[0]?.aborted).toBe(true);
    });
  });

  it("fails at once if its signal has been aborted before", async () => {
    const [layer] = await threeLayers();
    const stream = extract(withLayers(imageOf([layer!]), [layer!]), { signal: AbortSignal.abort() });
    await expect(readBytes(stream)).rejects.toMatchObject({ code: "ERR_VARVE_ABORTED" });
    expect(layer!.opened).toBe(0);
  });

  it("reads layers over streams if they have a spool, whether they have been read or not", async () => {
    const tar = await tarOf(file("a"));
    const image = appendLayers(imageOf([]), newLayer(tar, { spool: memorySpool() }));
    expect(await listTar(await readBytes(extract(image)))).toHaveLength(1);
    expect(await listTar(await readBytes(extract(image)))).toHaveLength(1);
    const unread = appendLayers(imageOf([]), newLayer(tar));
    await expect(readBytes(extract(unread))).rejects.toThrow(UnsupportedError);
  });
});
