import { describe, expect, it } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import { faults, withFaults } from "../../../src/registry/index.js";
import { ResumeError } from "../../../src/remote/index.js";
import { fromCompressed, memorySpool } from "../../../src/stream/index.js";
import { rejection } from "../fixture/thrown.js";
import { Bench, content, stream, wholeDigest } from "./fixture.js";

/** The bytes with one of them changed. */
function changed(at: number, bytes: Uint8Array = content): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

describe("what a resumable push can't be made of", () => {
  it.each([
    ["a spool", () => stream(content, { spool: memorySpool() }), "spool"],
    ["the runtime's own hashes", () => stream(content, { sha256: "native" }), "leave sha256 out"],
    ["no compression", () => stream(content, { compression: "none" }), "compression none"],
    ["a source that is compressed already", () => fromCompressed(content), "compressed already"],
    ["a checkpoint of its own", () => stream(content, { resume: new Uint8Array(9) }), "resume"],
  ])("a layer with %s is refused at once", async (_, make, reason) => {
    const bench = new Bench();
    const error = await rejection(bench.push(make()));
    expect(error.code).toBe("ERR_VARVE_UNSUPPORTED");
    expect(error.message).toContain(reason);
    expect(bench.requests).toBe(0);
  });

  it("a layer that has been read is refused at once", async () => {
    const bench = new Bench();
    const layer = stream();
    await layer.compressed();
    expect((await rejection(bench.push(layer))).code).toBe("ERR_VARVE_CONSUMED");
    expect(bench.requests).toBe(0);
  });

  it.each(["google", "ecr", "azure", "zot"] as const)(
    "a registry like that of %s is refused",
    async (name) => {
      const bench = new Bench();
      const error = await rejection(bench.push(stream(), { quirks: { "registry.example": name } }));
      expect(error.code).toBe("ERR_VARVE_UNSUPPORTED");
      expect(bench.requests).toBe(0);
    },
  );

  it("a way to send blobs that is not in chunks is refused", async () => {
    const error = await rejection(new Bench().push(stream(), { upload: "streaming" }));
    expect(error.code).toBe("ERR_VARVE_REMOTE_OPTION");
  });
});

describe("what was saved of a push", () => {
  it.each([
    ["damaged", (value: Uint8Array) => changed(value.length >> 1, value)],
    ["damaged", (value: Uint8Array) => value.subarray(0, 50)],
    ["damaged", (value: Uint8Array) => value.subarray(0, -1)],
    ["version", (value: Uint8Array) => changed(9, value)],
    ["not-a-push", () => new TextEncoder().encode("something else altogether")],
  ])("is refused as %s, and nothing is asked", async (reason, spoil) => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    bench.values.set("layer", spoil(bench.values.get("layer")!));
    const error = await rejection(bench.push());
    expect(error).toBeInstanceOf(ResumeError);
    expect(error).toMatchObject({ code: "ERR_VARVE_RESUME", reason });
    expect(bench.log).toEqual([]);
    expect(bench.values.size).toBe(1);
  });

  it("is refused for a layer of another level, and nothing is sent", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    const error = await rejection(bench.push(stream(content, { compressionLevel: 6 })));
    expect(error).toMatchObject({ code: "ERR_VARVE_RESUME", reason: "level" });
    expect(bench.log).toEqual(["GET"]);
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
  });

  it("is refused for another repository", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    const other = new Bench();
    other.values.set("layer", bench.values.get("layer")!);
    Object.defineProperty(other, "repository", { value: newRepository("registry.example/other") });
    expect(await rejection(other.push())).toMatchObject({ code: "ERR_VARVE_RESUME", reason: "repository" });
  });

  it("holds at most two checkpoints, and no credentials", async () => {
    const bench = new Bench();
    const auth = { authorization: async () => ({ username: "user", password: "open-sesame" }) };
    bench.gate = withFaults(bench.registry.fetch, [
      { method: "PATCH", nth: 7, times: 99, effect: faults.status(403) },
    ]);
    await rejection(bench.push(stream(), { auth }));
    const value = Buffer.from(bench.values.get("layer")!);
    expect(value.length).toBeLessThan(72_000);
    expect(value.includes("open-sesame")).toBe(false);
    expect(value.includes(Buffer.from("user:open-sesame").toString("base64"))).toBe(false);
  });

  it("leads nowhere that the registry itself could not lead, and its secrets stand in no error", async () => {
    const bench = new Bench();
    bench.gate = async (request, next) => {
      const response = await next(request);
      if (request.method === "PATCH") {
        response.headers.set("location", "https://elsewhere.example/path-secret?state=query-secret");
      }
      return response;
    };
    await rejection(bench.push());
    const value = Buffer.from(bench.values.get("layer")!);
    expect(value.includes("query-secret")).toBe(true);
    const { readPushRecord, writePushRecord } = await import("../../../src/remote/resumable/push-record.js");
    const record = readPushRecord(value);
    for (const location of [
      "http://10.1.2.3/path-secret?state=query-secret",
      "http://registry.example/path-secret?state=query-secret",
      "ftp://registry.example/path-secret?state=query-secret",
      "https://user:query-secret@registry.example/path-secret",
      "query-secret/path-secret",
    ]) {
      bench.log.length = 0;
      bench.values.set("layer", writePushRecord({ ...record, location }));
      const error = await rejection(bench.push());
      expect(error.code).toMatch(/ERR_VARVE_(UNSAFE_LOCATION|PROTOCOL)/);
      expect(`${error.message} ${error.stack} ${error.cause}`).not.toMatch(/(query|path)-secret/);
      expect(bench.log).toEqual([]);
    }
  });
});
