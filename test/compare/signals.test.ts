import { it } from "vitest";
import * as compare from "../../src/compare/index.js";
import { expectToHeedAborts, whole } from "../fixtures/stuck.js";

it("ends at once when it is aborted while one of the objects doesn't answer", async () => {
  await expectToHeedAborts("layer", (layer, options) => compare.layers(layer, whole.layer, options));
  await expectToHeedAborts("layer", (layer, options) => compare.layers(whole.layer, layer, options));
  await expectToHeedAborts("image", (image, options) => compare.images(image, whole.image, options));
  await expectToHeedAborts("image", (image, options) => compare.images(whole.image, image, options));
  await expectToHeedAborts("index", (index, options) => compare.indexes(index, whole.index, options));
  await expectToHeedAborts("index", (index, options) => compare.indexes(whole.index, index, options));
});
