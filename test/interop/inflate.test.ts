import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Gunzip, GunzipLayerMachine, Gzip, gunzip, Inflate, init } from "../../src/core/index.js";
import { concat, machineCode, mixed, randomBytes, repeated, text } from "../fixtures/bytes.js";
import { encode } from "../fixtures/encode.js";
import { inflated, randomPieces } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { installed } from "./installed.mjs";

beforeAll(() => init());

const required = process.env.VARVE_TEST_REQUIRE === "all";

/** What a program makes of its standard input. */
function filter(program: string, args: readonly string[], input: Uint8Array): Uint8Array {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: 2 ** 30 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return new Uint8Array(stdout);
}

/** zopfli takes a file only; a pipe does. */
function zopfli(args: readonly string[], input: Uint8Array): Uint8Array {
  return filter(
    "sh",
    ["-c", `f=$(mktemp) && cat > "$f" && zopfli -c ${args.join(" ")} "$f"; r=$?; rm -f "$f"; exit $r`],
    input,
  );
}

const inputs: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  "one byte": Uint8Array.of(7),
  text: text(500_000, 1),
  code: machineCode(400_000, 2),
  noise: randomBytes(200_000, 3),
  zeros: new Uint8Array(1_000_000),
  "a far repetition": repeated(randomBytes(32_768, 4), 300_000),
  "this file": new Uint8Array(readFileSync(new URL(import.meta.url))),
  "a mixture": mixed(900_000, 5),
};

interface Peer {
  readonly program: string;
  readonly levels: readonly string[];
  make(level: string, input: Uint8Array): Uint8Array;
  /** Compresses at most this much: some take their time. */
  readonly most?: number;
}

const peers: readonly Peer[] = [
  {
    program: "gzip",
    levels: ["-1", "-6", "-9"],
    make: (level, input) => filter("gzip", ["-c", level], input),
  },
  {
    program: "pigz",
    levels: ["-0", "-1", "-6", "-9", "-6 -i -b 128", "-6 -R", "-2 -Y"],
    make: (level, input) => filter("pigz", ["-c", ...level.split(" ")], input),
  },
  {
    program: "libdeflate-gzip",
    levels: ["-1", "-6", "-9", "-12"],
    make: (level, input) => filter("libdeflate-gzip", ["-c", level], input),
  },
  {
    program: "igzip",
    levels: ["-0", "-1", "-2", "-3"],
    make: (level, input) => filter("igzip", ["-c", level], input),
  },
  {
    program: "zopfli",
    levels: ["--i1", "--i5"],
    make: (level, input) => zopfli([level], input),
    most: 60_000,
  },
];

for (const { program, levels, make, most } of peers) {
  describe.skipIf(!installed(program) && !required)(`what ${program} writes`, () => {
    it.each(levels)("with %s is read, whole and in pieces, by all machines", (level) => {
      for (const [name, whole] of Object.entries(inputs)) {
        const input = most === undefined ? whole : whole.subarray(0, most);
        const gzip = make(level, input);
        expectSameBytes(gunzip(gzip), input);
        for (const [longest, seed] of [
          [300, 1],
          [50_000, 2],
        ] as const) {
          for (const machine of [new Gunzip(), new GunzipLayerMachine()]) {
            const { output, error } = inflated(machine, randomPieces(gzip, longest, seed));
            expect(error, name).toBeUndefined();
            expectSameBytes(output, input);
          }
        }
      }
    });
  });
}

describe.skipIf(!installed("gzip") && !required)("files put together", () => {
  it("of members by all programs at hand, with a name in the header, are read", () => {
    const parts = peers
      .filter(({ program }) => installed(program))
      .map(({ make, levels }) => make(levels[0] as string, text(20_000, 6)));
    parts.push(encode(new Gzip(1), text(20_000, 6)));
    const named = filter(
      "sh",
      ["-c", 'd=$(mktemp -d) && cat > "$d/name" && gzip -cN "$d/name"; rm -r "$d"'],
      text(20_000, 6),
    );
    const { output, error } = inflated(new Gunzip(), [concat(...parts, named, new Uint8Array(512))]);
    expect(error).toBeUndefined();
    expectSameBytes(output, repeated(text(20_000, 6), 20_000 * (parts.length + 1)));
  });
});

describe.skipIf(!installed("pigz") && !required)("a ZIP file by pigz", () => {
  it("holds a DEFLATE stream that Inflate reads, the directory behind it being ignored", () => {
    const input = mixed(300_000, 7);
    const zip = filter("pigz", ["-c", "-K"], input);
    const view = new DataView(zip.buffer, zip.byteOffset);
    expect(view.getUint32(0, true)).toBe(0x04034b50);
    const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
    const { output, error } = inflated(new Inflate({ trailing: "ignore" }), [zip.subarray(start)]);
    expect(error).toBeUndefined();
    expectSameBytes(output, input);
  });
});
