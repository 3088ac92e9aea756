import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extract } from "../../../src/mutate/index.js";
import { imageOf, readBytes, tarLayer } from "../fixture/images.js";
import { type Instruction, OverlayModel } from "../fixture/overlay-model.js";
import { type Placed, unpack } from "../fixture/unpack.js";

const path = fc
  .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
  .map((names) => names.join("/"));
const mode = fc.constantFrom(0o644, 0o755, 0o4755);

const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("file" as const), path, mode }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("directory" as const), path, mode }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("link" as const), path, target: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("symlink" as const), path, target: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fifo" as const), path, mode }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("escape" as const), path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("whiteout" as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("opaque" as const), path }) },
);
const layers = fc.array(fc.array(instruction, { maxLength: 8 }), { minLength: 1, maxLength: 4 });

/** Each path with what it is, and the first of the names that share its content. */
function described(tree: ReadonlyMap<string, Placed>): readonly (readonly unknown[])[] {
  const paths = [...tree.keys()].sort();
  const first = new Map<object, string>();
  for (const path of paths) {
    const { content } = tree.get(path)!;
    if (!first.has(content)) first.set(content, path);
  }
  return paths.map((path) => {
    const { type, mode, content } = tree.get(path)!;
    return [path, type, mode, content.text, first.get(content)];
  });
}

describe("extract", () => {
  it("gives the file system that an engine makes of the layers", async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (instructions) => {
        const model = new OverlayModel();
        const tars = [];
        for (const layer of instructions) tars.push(await tarLayer(...model.apply(layer)));
        const tree = await unpack(await readBytes(extract(imageOf(tars))));
        expect(described(tree)).toEqual(described(model.tree));
      }),
      { numRuns: 500 },
    );
  });
});
