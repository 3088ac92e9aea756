import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** The declarations of the package's entries, but those that the condition leaves out. */
function entries(wanted: (entry: string) => boolean): string[] {
  const { exports } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")) as {
    exports: Record<string, { types?: string } | string>;
  };
  return Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === "string" || target.types === undefined || !wanted(entry)
      ? []
      : [resolve(root, target.types)],
  );
}

/** What the compiler of a project that uses the package says of its declarations. */
function complaints(files: string[], lib: string[], types: string[]): string[] {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types,
    typeRoots: [resolve(root, "node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  });
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(`${root}/dist/`))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}

describe("the declarations compile, all of them looked at", () => {
  const all = entries(() => true);
  const portable = entries((entry) => entry !== "./node");

  it.each(["dom", "webworker"])("without types of Node, with the lib %s", (lib) => {
    expect(complaints(portable, ["es2022", lib], [])).toEqual([]);
  });

  it("with the types of Node, varve/node too", () => {
    expect(complaints(all, ["es2022", "dom"], ["node"])).toEqual([]);
  });
});
