import { beforeAll, describe, expect, it } from "vitest";
import {
  CompressionLevelError,
  checkCompressionLevel,
  Gzip,
  GzipLayerMachine,
  init,
} from "../../src/core/index.js";

beforeAll(() => init());

const refused = [-4, -3, 13, 14, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32];
/** What a caller without types may hand in. */
const wrongTypes = ["1", "", null, undefined, true, {}, 1n] as unknown as number[];

describe("a compression level that does not exist", () => {
  it.each([...refused, ...wrongTypes])("is refused: %s", (level) => {
    for (const use of [
      () => new Gzip(level),
      () => new GzipLayerMachine(level),
      () => checkCompressionLevel(level),
    ]) {
      expect(use).toThrow(CompressionLevelError);
      expect(use).toThrow(RangeError);
      expect(use).toThrow(
        expect.objectContaining({
          name: "CompressionLevelError",
          code: "ERR_VARVE_COMPRESSION_LEVEL",
          retryable: false,
        }),
      );
      expect(use).toThrow(`compression level ${String(level)} `);
      expect(use).toThrow(/integer from -2 to 12 /);
    }
  });

  it.each([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])("is not %i", (level) => {
    expect(checkCompressionLevel(level)).toBe(level === -1 ? 6 : level);
    new Gzip(level).release();
    new GzipLayerMachine(level).release();
  });
});
