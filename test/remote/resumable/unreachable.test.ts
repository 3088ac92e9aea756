import { describe, expect, it } from "vitest";
import { forgetPush } from "../../../src/remote/index.js";
import { readPushRecord, writePushRecord } from "../../../src/remote/resumable/push-record.js";
import { fetchFailed } from "../fixture/fake-registry.js";
import { KnownLayer } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";
import { Bench, CHUNK, content, stream, wholeDigest } from "./fixture.js";

const UPLOADS = "uploads.example";
type Gone = (request: Request) => Response;

/** A registry that has uploads go to another host, where they are taken until that is gone. */
class LeadingBench extends Bench {
  gone: Gone | undefined;

  constructor() {
    super();
    this.gate = async (request, next) => {
      const url = new URL(request.url);
      if (url.host === UPLOADS && this.gone !== undefined) return this.gone(request);
      const response = await next(request);
      const location = response.headers.get("location");
      if (this.gone === undefined && location?.includes("/uploads/") === true) {
        response.headers.set("location", new URL(location, `https://${UPLOADS}`).href);
      }
      return response;
    };
  }
}

const networkly = (code: string): Gone => {
  return () => {
    throw fetchFailed(code);
  };
};
const status = (code: number): Gone => {
  return () => new Response(null, { status: code });
};

const saved = ({ values }: Bench): Uint8Array | undefined => values.get("layer");

describe("a resumable push whose upload was at another host", () => {
  it.each([
    ["no longer has a name", networkly("ENOTFOUND")],
    ["refuses connections", networkly("ECONNREFUSED")],
    ["is not reached in time", networkly("UND_ERR_CONNECT_TIMEOUT")],
    ["has another's certificate", networkly("ERR_TLS_CERT_ALTNAME_INVALID")],
    ["no longer lets it in", status(403)],
  ])("starts over and says so when that %s", async (_, gone) => {
    const bench = new LeadingBench();
    await bench.interrupted("PATCH", 4);
    bench.gone = gone;
    const { digest } = await bench.push();
    expect(bench.events).toEqual([{ reason: "unreachable", acknowledged: 3 * CHUNK, stored: 0 }]);
    expect(bench.log.slice(0, 3)).toEqual(["GET", "POST", `PATCH 0-${CHUNK - 1}`]);
    expect(String(digest)).toBe(await wholeDigest());
    expect(bench.values.size).toBe(0);
  });

  it("starts over when that is gone, with a layer that knows its digest", async () => {
    const bench = new LeadingBench();
    const layer = (): KnownLayer => new KnownLayer(content.subarray(0, 1_000_001));
    await bench.interrupted("PATCH", 4, layer());
    bench.gone = networkly("ENOTFOUND");
    await bench.push(layer());
    expect(bench.events).toEqual([{ reason: "unreachable", acknowledged: 3 * CHUNK, stored: 0 }]);
    expect(bench.values.size).toBe(0);
  });

  it("finds the blob when that is gone and the commit had been heard", async () => {
    const bench = new LeadingBench();
    await bench.interrupted("PUT", 1);
    const other = stream();
    const value = saved(bench)!;
    bench.values.clear();
    await bench.push(other);
    bench.values.set("layer", value);
    bench.gone = networkly("ENOTFOUND");
    bench.log.length = 0;
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
    expect([bench.log, bench.values.size]).toEqual([["GET", "HEAD"], 0]);
  });

  it.each([
    ["answers with 503", status(503), "ERR_VARVE_REGISTRY"],
    ["breaks the connection", networkly("ECONNRESET"), "ERR_VARVE_NETWORK"],
    ["takes too long to answer", networkly("UND_ERR_HEADERS_TIMEOUT"), "ERR_VARVE_NETWORK"],
  ])("fails when that %s, which may pass, and goes on afterwards", async (_, gone, code) => {
    const bench = new LeadingBench();
    await bench.interrupted("PATCH", 4);
    bench.gone = gone;
    expect(await rejection(bench.push())).toMatchObject({ code, retryable: true });
    expect(saved(bench)).toBeDefined();
    bench.gone = undefined;
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
    expect(bench.events).toEqual([{ stored: 3 * CHUNK, inputOffset: expect.any(Number) }]);
  });

  it("fails, says nothing of starting over and keeps what was saved when the registry does not answer either", async () => {
    const bench = new LeadingBench();
    await bench.interrupted("PATCH", 4);
    const { gate } = bench;
    const before = saved(bench);
    bench.gate = networkly("ENOTFOUND");
    const lost = await rejection(bench.push());
    expect(lost).toMatchObject({ code: "ERR_VARVE_NETWORK", retryable: true });
    expect(lost.message).toContain("cannot reach the registry at registry.example");
    bench.gone = networkly("ENOTFOUND");
    bench.gate = (request, next) =>
      request.method === "POST" ? new Response(null, { status: 503 }) : gate(request, next);
    expect(await rejection(bench.push())).toMatchObject({ method: "POST", status: 503, retryable: true });
    expect([bench.events, saved(bench)]).toEqual([[], before]);
    bench.gate = gate;
    bench.gone = undefined;
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
    expect(bench.events).toMatchObject([{ stored: 3 * CHUNK }]);
  });

  it("fails with what the listener throws, and has the new upload forgotten", async () => {
    const bench = new LeadingBench();
    await bench.interrupted("PATCH", 4);
    bench.gone = networkly("ENOTFOUND");
    const objection = new Error("not again");
    const onRestart = (): never => {
      throw objection;
    };
    expect(await rejection(bench.push(stream(), { resumable: { onRestart } }))).toBe(objection);
    expect(bench.log).toEqual(["GET", "POST", "DELETE"]);
    expect(saved(bench)).toBeDefined();
  });
});

describe("a push that can't be gone on with", () => {
  const forget = (bench: Bench): Promise<boolean> =>
    forgetPush(
      bench.repository,
      { store: bench.store, key: "layer" },
      { fetch: bench.fetch, retryBackoff: { attempts: 1 } },
    );

  it.each([
    ["is gone", networkly("ENOTFOUND")],
    ["wants credentials", status(401)],
    ["is out of order", status(500)],
  ])("is forgotten though its registry %s", async (_, gate) => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    bench.gate = gate;
    expect(await forget(bench)).toBe(true);
    expect(bench.values.size).toBe(0);
  });

  it("is forgotten though its upload is where nothing may be sent, which is not asked", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    const location = "http://10.1.2.3/upload";
    bench.values.set("layer", writePushRecord({ ...readPushRecord(saved(bench)!), location }));
    expect(await forget(bench)).toBe(true);
    expect([bench.log, bench.values.size]).toEqual([[], 0]);
  });

  it("stays when forgetting it is given up", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const { store, repository, fetch } = bench;
    const failure = await rejection(forgetPush(repository, { store, key: "layer" }, { fetch, signal }));
    expect(failure).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason });
    expect(bench.values.size).toBe(1);
  });
});
