import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import { writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";

describe("an abort while the registry is opening the upload", () => {
  it("has the session forgotten that the registry opens after all", async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.method === "POST") {
        abort.abort(new Error("enough"));
        setImmediate(() => response.writeHead(202, { location: "/v2/some/repo/blobs/uploads/late" }).end());
      } else {
        response.writeHead(request.method === "DELETE" ? 204 : 200).end();
      }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const repository = newRepository(`127.0.0.1:${(server.address() as AddressInfo).port}/some/repo`);
    const layer = newLayer([new Uint8Array(10)]);
    await expect(writeLayer(repository, layer, { signal: abort.signal })).rejects.toMatchObject({
      code: "ERR_VARVE_ABORTED",
      cause: { message: "enough" },
    });
    expect(seen).toEqual([
      "GET /v2/",
      "POST /v2/some/repo/blobs/uploads/",
      "DELETE /v2/some/repo/blobs/uploads/late",
    ]);
    server.closeAllConnections();
    server.close();
  });

  it("gives the typed error for a reason that has no text", async () => {
    const reason: unknown = Object.create(null);
    const call = writeLayer(newRepository("localhost:1/a"), newLayer([]), {
      signal: AbortSignal.abort(reason),
    });
    await expect(call).rejects.toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason });
  });
});
