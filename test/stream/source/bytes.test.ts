import { describe, expect, it } from "vitest";
import { newLayer, SourceError } from "../../../src/stream/index.js";
import { BytesReader } from "../../../src/stream/source/bytes.js";
import { transferred } from "../../fixtures/gone.js";
import { MIB, noise, text } from "../fixture/bytes.js";
import { consume, expectTrue, rejection, valueErrors } from "../fixture/reading.js";
import { forbidUnhandledRejections } from "../fixture/turns.js";

forbidUnhandledRejections();

describe("BytesReader", () => {
  it("gives the very bytes, once, and then the end", () => {
    const bytes = text("hello");
    const reader = new BytesReader(bytes);
    expect(reader.read()).toBe(bytes);
    expect(reader.read()).toBeUndefined();
    expect(reader.read()).toBeUndefined();
  });

  it("reads what is there when it is read, not when the layer was made", async () => {
    const bytes = text("hello");
    const layer = newLayer(bytes);
    bytes[0] = 0x4a;
    await expectTrue(layer, text("Jello"), await consume(layer));
  });

  it("reads a large array in place, and only the part that it shows", async () => {
    const bytes = noise(5 * MIB);
    const part = bytes.subarray(12_345, 4 * MIB + 1);
    const layer = newLayer(part);
    await expectTrue(layer, part, await consume(layer));
  });

  it("refuses bytes whose buffer was transferred since the layer was made", async () => {
    const bytes = text("hello");
    const layer = newLayer(bytes);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const error = await rejection(consume(layer));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ message: expect.stringMatching(/5 bytes .* 0 now/) });
    expect((await valueErrors(layer))[0]).toMatchObject({ cause: error });
  });

  it.each([
    ["a view", () => text("hello")],
    ["a DataView", () => new DataView(text("hello").buffer)],
    ["a buffer", () => text("hello").buffer],
  ])("refuses %s whose buffer was transferred before the layer was made, or after", async (_, make) => {
    expect(() => newLayer(transferred(make()))).toThrow(SourceError);
    const bytes = make();
    const layer = newLayer(bytes);
    transferred(bytes);
    expect(await rejection(consume(layer))).toBeInstanceOf(SourceError);
  });

  it("refuses bytes whose buffer is transferred while they are read", async () => {
    const bytes = noise(2 * MIB);
    const layer = newLayer(bytes);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const error = await rejection(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    );
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ message: expect.stringContaining("transferred") });
  });
});
