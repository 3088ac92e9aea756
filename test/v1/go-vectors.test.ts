import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  encodeConfigFile,
  encodeIndexManifest,
  encodeManifest,
  JSONError,
  parseConfigFile,
  parseIndexManifest,
  parseManifest,
} from "../../src/v1/index.js";

interface Vector {
  readonly kind: "config" | "manifest" | "index";
  readonly input: string;
  readonly output?: string;
  readonly refused?: boolean;
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL("go/vectors.json", import.meta.url), "utf8"),
);

const rewrite = {
  config: (bytes: Uint8Array) => encodeConfigFile(parseConfigFile(bytes)),
  manifest: (bytes: Uint8Array) => encodeManifest(parseManifest(bytes)),
  index: (bytes: Uint8Array) => encodeIndexManifest(parseIndexManifest(bytes)),
};

function rewritten({ kind, input }: Vector): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(rewrite[kind](new TextEncoder().encode(input)));
}

describe("documents beside go-containerregistry v0.21.9", () => {
  it.each(vectors.filter((vector) => !vector.refused))(
    "a $kind is written with Go's bytes: $input",
    (vector) => {
      expect(rewritten(vector)).toBe(vector.output);
    },
  );

  it.each(vectors.filter((vector) => vector.refused))(
    "a $kind that Go refuses is refused: $input",
    (vector) => {
      expect(() => rewritten(vector)).toThrow(JSONError);
    },
  );

  it.each(vectors.filter((vector) => !vector.refused))(
    "a $kind that was written is read and written again the same: $input",
    (vector) => {
      const once = rewritten(vector);
      expect(rewritten({ kind: vector.kind, input: once })).toBe(once);
    },
  );
});
