import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the stub has got it. */
export interface NotedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A registry that takes one blob (OCI distribution-spec, "Pushing a blob in chunks"), keeps it, and notes how it was asked. */
export interface RegistryStub {
  /** Where to push to: `127.0.0.1:PORT/stub`. */
  readonly repository: string;
  readonly requests: readonly NotedRequest[];
  /** Resolves when the first bytes of the blob have come. */
  readonly begun: Promise<void>;
  blob(): Buffer;
  stop(): void;
}

export async function startRegistryStub(): Promise<RegistryStub> {
  const requests: NotedRequest[] = [];
  const chunks: Buffer[] = [];
  let begin: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, url, headers });
    for await (const chunk of request) {
      if (method === "PATCH") {
        chunks.push(chunk);
        begin();
      }
    }
    const upload = url.startsWith("/v2/stub/blobs/uploads/");
    const status = method === "PUT" ? 201 : upload ? 202 : 200;
    response.writeHead(status, upload ? { location: "/v2/stub/blobs/uploads/1?state=kept" } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    repository: `127.0.0.1:${(server.address() as AddressInfo).port}/stub`,
    requests,
    begun,
    blob: () => Buffer.concat(chunks),
    stop(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
