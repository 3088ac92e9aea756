import { expect, it } from "vitest";
import * as v1 from "../../src/v1/index.js";
import * as mediaTypes from "../../src/v1/media-type.js";

it("v1 hands out every media type and predicate, and the names that layers are built from", () => {
  expect(v1).toMatchObject(mediaTypes);
  expect(Object.keys(v1)).toEqual(
    expect.arrayContaining([
      ...["Hash", "HashError", "emptyHash", "hashFromBytes", "newHash"],
      ...["ConsumedError", "NotComputedError", "UnsupportedError"],
      ...["UnknownCompressionError", "compressionByName", "gzip", "none"],
    ]),
  );
});
