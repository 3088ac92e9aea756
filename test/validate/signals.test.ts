import { describe, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import * as mutate from "../../src/mutate/index.js";
import { type CallOptions, Hash, type Layer, ociConfigJSON } from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { expectToCloseContent, expectToHeedAborts, layerOver, whole } from "../fixtures/stuck.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

describe("a validation that is aborted while an object doesn't answer ends at once", () => {
  it.each<[string, validate.ValidateOptions]>([
    ["as usual", {}],
    ["fast", { fast: true }],
    ["with uncompressed()", { uncompressed: true }],
  ])("%s", async (_, how) => {
    await expectToHeedAborts("layer", (layer, options) => validate.layer(layer, { ...how, ...options }));
    await expectToHeedAborts("image", (image, options) => validate.image(image, { ...how, ...options }));
    await expectToHeedAborts("index", (index, options) => validate.index(index, { ...how, ...options }));
  });
});

describe("a validation that is aborted while a layer opens, or is read, closes it once and ends at once", () => {
  /** Opens the layer's own content once, and then what is given. */
  function onceThen(layer: Layer, open: () => Promise<ReadableStream<Uint8Array>>): Layer {
    let opened = false;
    const next =
      (own: (options?: CallOptions) => Promise<ReadableStream<Uint8Array>>) =>
      (options?: CallOptions): Promise<ReadableStream<Uint8Array>> => {
        if (opened) return open();
        opened = true;
        return own(options);
      };
    return {
      ...layerOver(open),
      compressed: next((options) => layer.compressed(options)),
      uncompressed: next((options) => layer.uncompressed(options)),
    };
  }
  const sha512 = async (): Promise<Hash> => new Hash("sha512", "5".repeat(128));

  it("its tar", () => expectToCloseContent((open, options) => validate.layer(layerOver(open), options)));

  it("its tar, once it is known to be compressed", () =>
    expectToCloseContent(
      (open, options) => validate.layer(layerOver(open), options),
      Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255),
    ));

  it("what is no layer", () =>
    expectToCloseContent((open, options) => validate.layer(layerOver(open, ociConfigJSON), options)));

  it("what uncompressed() gives", () =>
    expectToCloseContent((open, options) =>
      validate.layer(onceThen(whole.layer, open), { ...options, uncompressed: true }),
    ));

  it("its other hash, by which it is stated", () =>
    expectToCloseContent((open, options) =>
      validate.layer({ ...onceThen(whole.layer, open), digest: sha512 }, options),
    ));

  it("the other hash of its content", () =>
    expectToCloseContent((open, options) =>
      validate.layer({ ...onceThen(whole.layer, open), diffID: sha512 }, options),
    ));

  it("once more, because it is damaged", () => {
    const damaged = async (): Promise<ReadableStream<Uint8Array>> =>
      new Blob([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 7)]).stream();
    return expectToCloseContent((open, options) =>
      validate.layer(onceThen({ ...layerOver(damaged) }, open), options),
    );
  });

  it("in an image, and in an index", async () => {
    const image = (open: () => Promise<ReadableStream<Uint8Array>>) =>
      mutate.appendLayers(empty.image, layerOver(open));
    await expectToCloseContent((open, options) => validate.image(image(open), options));
    await expectToCloseContent((open, options) =>
      validate.index(mutate.appendManifests(empty.index, { add: image(open) }), options),
    );
  });
});
