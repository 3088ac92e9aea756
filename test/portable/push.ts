import { newRepository } from "varve/name";
import { newRegistry } from "varve/registry";
import { RegistryError, writeLayer } from "varve/remote";
import { AbortedError, newLayer } from "varve/stream";
import { concat, randomBytes, text } from "../fixtures/bytes.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";
import { WatchedSource } from "./watched-source.js";

/** A layer into a registry that lies in the same memory: both ends of the protocol, without a network. */
export const push: Suite = (test) => {
  test("a layer is pushed into an embedded registry, and pulled back", async () => {
    const input = concat(text(100_000, 41), randomBytes(700_001, 42));
    const registry = newRegistry();
    const methods: string[] = [];
    const fetchThere: typeof fetch = (address, init) => {
      const request = new Request(address, init);
      methods.push(request.method);
      return registry.fetch(request);
    };
    const layer = newLayer(input);
    const repository = newRepository("localhost:5000/stream");
    const { digest, size } = await writeLayer(repository, layer, { fetch: fetchThere });
    equal(methods.join(), "GET,POST,PATCH,PUT", "the requests");

    const pulled = await registry.fetch(new Request(`http://localhost:5000/v2/stream/blobs/${digest}`));
    equal(pulled.status, 200, "the status of the pull");
    const blob = new Uint8Array(await pulled.arrayBuffer());
    equal(size, blob.length, "the size");
    equal(String(digest), `sha256:${await sha256Hex(blob)}`, "the digest");
    sameBytes(await gunzip(blob), input, "the inflated blob");
    await registry.close();
  });

  test("a registry that refuses ends the layer, and the error is the registry's", async () => {
    const refusing: typeof fetch = async (_, init) => {
      const status = { GET: 200, POST: 202, DELETE: 204 }[init?.method ?? "GET"] ?? 500;
      return new Response(null, { status, headers: { location: "/v2/stream/blobs/uploads/1" } });
    };
    const options = { fetch: refusing, retryBackoff: { attempts: 1 } };
    const source = new WatchedSource(100, 100_000);
    const layer = newLayer(source);
    const repository = newRepository("localhost:5000/stream");
    const error = await refuses(() => writeLayer(repository, layer, options), RegistryError);
    equal(error.status, 500);
    equal((await refuses(() => layer.digest(), AbortedError)).cause, error);
    await layer.sourceClosed;
    equal(source.closed, 1);
  });
};
