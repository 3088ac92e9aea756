import { afterEach, expect, it, vi } from "vitest";
import { image, openerOf } from "../../src/tarball/index.js";
import { archiveOf, configOf, json, layerTar } from "./fixture/docker-save.js";

const LAYERS = 60;

afterEach(() => {
  vi.restoreAllMocks();
});

it("looks through the configuration of an image as often, however many of its layers are looked for", async () => {
  const tars = Array.from({ length: LAYERS }, (_, seed) => layerTar(seed + 1));
  const names = tars.map((_, index) => `${index}.tar`);
  const read = await image(
    openerOf(
      archiveOf([
        ["config.json", configOf(...tars)],
        ...tars.map((tar, index) => [names[index]!, tar] as const),
        ["manifest.json", json([{ Config: "config.json", RepoTags: null, Layers: names }])],
      ]),
    ),
  );
  const layers = await read.layers();
  const { layers: listed = [] } = await read.manifest();
  const parse = vi.spyOn(JSON, "parse");
  for (const [index, layer] of layers.entries()) {
    expect(await read.layerByDigest(listed[index]!.digest)).toBe(layer);
    expect(await read.layerByDiffID(await layer.diffID())).toBe(layer);
  }
  expect(parse.mock.calls.length).toBeLessThan(10);
});
