import { expect, it } from "vitest";
import { fromCompressed, newLayer, StreamFailedError } from "../../src/stream/index.js";
import { UnknownCompressionError } from "../../src/v1/index.js";
import { sample } from "../fixtures/zstd-sample.js";
import { consume, rejection } from "./fixture/reading.js";

it("zstd that was not imported is refused at once where it is named, with what to import", () => {
  expect(() => newLayer(new Uint8Array(1), { compression: "zstd" })).toThrow("import");
  expect(() => fromCompressed(sample, { compression: "zstd" })).toThrow(UnknownCompressionError);
});

it("zstd that was not imported fails the layer where it is detected, with what to import", async () => {
  const layer = fromCompressed(sample);
  const error = await rejection(consume(layer));
  expect(error).toBeInstanceOf(UnknownCompressionError);
  expect((error as Error).message).toContain('"varve/zstd" has been imported');
  const shown = await rejection(layer.digest());
  expect(shown).toBeInstanceOf(StreamFailedError);
  expect(shown).toMatchObject({ cause: error });
});
