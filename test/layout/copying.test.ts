import { beforeEach, describe, expect, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import { type Layout, newMemoryStorage, write } from "../../src/layout/index.js";
import * as validate from "../../src/validate/index.js";
import { ociImage, ociIndex, streaming, tarOf } from "../fixtures/oci-image.js";
import { repeatingIndex } from "../fixtures/repeating-index.js";

let layout: Layout;
beforeEach(async () => {
  layout = await write(newMemoryStorage(), empty.index);
});

describe("what is copied into a layout", () => {
  it("is written once, however many ways lead to it", async () => {
    await layout.appendIndex(await repeatingIndex(30, ociImage([])));
    await validate.index(await layout.imageIndex());
  });

  it("comes to an end with an index whose children are itself", async () => {
    const ring = ociIndex([]);
    await layout.writeIndex(Object.assign(ring, { manifests: async () => [ring] }));
  });

  it("may have one stream twice, in an image, and in several", async () => {
    const layer = streaming(await tarOf({ a: "a" }));
    const image = ociImage([layer, layer]);
    await layout.appendIndex(ociIndex([image, ociImage([layer]), image]));
    await validate.index(await layout.imageIndex());
  });
});
