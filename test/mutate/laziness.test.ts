import { describe, expect, it } from "vitest";
import { appendLayers, canonical, config, createdAt, time } from "../../src/mutate/index.js";
import type { CallOptions, Image, Manifest } from "../../src/v1/index.js";
import { imageOf, MemoryLayer, utf8 } from "./fixture/images.js";

/** An image whose manifest is given by a function, and which counts how often. */
function watched(
  manifest: (own: Image, options?: CallOptions) => Promise<Manifest>,
): Image & { asked: number } {
  const own = imageOf([new MemoryLayer(utf8("x"))]);
  const image = {
    asked: 0,
    manifest: (options?: CallOptions) => {
      image.asked++;
      return manifest(own, options);
    },
  };
  return new Proxy(own, {
    get: (target, name) => {
      if (name === "asked") return image.asked;
      if (name === "manifest") return image.manifest;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  }) as Image & { asked: number };
}

const layer = new MemoryLayer(utf8("y"));

describe("a mutated image", () => {
  it("asks its base for nothing before it is asked, and then once", async () => {
    const base = watched((own) => own.manifest());
    const image = appendLayers(base, layer);
    createdAt(config(image, {}), new Date(0));
    time(image, new Date(0));
    canonical(image);
    expect(base.asked).toBe(0);
    await Promise.all([image.digest(), image.manifest(), image.size(), image.configFile()]);
    await image.digest();
    expect(base.asked).toBe(1);
  });

  it("tries again after a failure, which all who asked meanwhile get", async () => {
    let failing = true;
    const base = watched((own) => (failing ? Promise.reject(new Error("offline")) : own.manifest()));
    const image = appendLayers(base, layer);
    const [first, second] = await Promise.allSettled([image.digest(), image.size()]);
    expect(first).toMatchObject({ status: "rejected", reason: { message: "offline" } });
    expect(second).toMatchObject({ status: "rejected", reason: { message: "offline" } });
    expect(base.asked).toBe(1);
    failing = false;
    expect((await image.manifest()).layers).toHaveLength(2);
    expect(base.asked).toBe(2);
  });

  it("lets one of those who ask give up at once, and goes on for the others", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const signals: (AbortSignal | undefined)[] = [];
    const base = watched(async (own, options) => {
      signals.push(options?.signal);
      await gate;
      return own.manifest();
    });
    const image = appendLayers(base, layer);
    const controller = new AbortController();
    const impatient = image.digest({ signal: controller.signal });
    const patient = image.digest();
    await new Promise((resolve) => setTimeout(resolve));
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    expect(signals[0]?.aborted).toBe(false);
    release();
    await patient;
    expect(base.asked).toBe(1);
  });

  it("stops when the last of those who ask has given up, and starts anew for the next", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    let forever = true;
    const base = watched((own, options) => {
      signals.push(options?.signal);
      return forever ? new Promise(() => {}) : own.manifest();
    });
    const image = appendLayers(base, layer);
    const controller = new AbortController();
    const asked = image.digest({ signal: controller.signal });
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
    controller.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
    expect(signals[0]?.aborted).toBe(true);
    forever = false;
    expect((await image.manifest()).layers).toHaveLength(2);
  });
});
