import { createHash } from "node:crypto";
import { expect } from "vitest";

type Answerer = (request: Request) => Response | Promise<Response>;

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>;
}

/** Sends one request to a handler, with a body as it comes. */
export async function send(
  handler: Answerer,
  method: string,
  path: string,
  sent: Sent = {},
): Promise<Response> {
  const { headers = {}, body } = sent;
  const url = new URL(path, "http://registry.test");
  const init: RequestInit & { duplex?: "half" } = { method, headers };
  if (body !== undefined) {
    init.body = typeof body === "string" ? new TextEncoder().encode(body) : (body as BodyInit);
    init.duplex = "half";
  }
  return handler(new Request(url, init));
}

export function digestOf(bytes: Uint8Array | string, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** The response is an error of the protocol's form, with this status and this first code. */
export async function expectError(response: Response, status: number, code: string): Promise<void> {
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status });
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const { errors } = JSON.parse(text) as { errors: { code: string; message: string }[] };
  expect(errors.map((error) => error.code)).toEqual([code]);
  expect(errors[0]?.message).not.toBe("");
}

/** Pushes a blob whole. */
export async function pushBlob(
  handler: Answerer,
  repository: string,
  body: Uint8Array | string,
): Promise<string> {
  const digest = digestOf(body);
  const response = await send(handler, "POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body });
  expect(response.status).toBe(201);
  return digest;
}

/** Opens an upload session; gives its path. */
export async function openUpload(handler: Answerer, repository: string): Promise<string> {
  const response = await send(handler, "POST", `/v2/${repository}/blobs/uploads/`);
  expect(response.status).toBe(202);
  return response.headers.get("Location") as string;
}

/** Pushes a manifest under a tag or digest, as JSON if it is an object; gives the response. */
export function pushManifest(
  handler: Answerer,
  repository: string,
  reference: string,
  manifest: object | string,
  mediaType = "application/vnd.oci.image.manifest.v1+json",
): Promise<Response> {
  return send(handler, "PUT", `/v2/${repository}/manifests/${reference}`, {
    headers: { "Content-Type": mediaType },
    body: typeof manifest === "string" ? manifest : JSON.stringify(manifest),
  });
}

/** A stream that gives these chunks and then fails, or ends if no failure is given. */
export function streamOf(chunks: readonly Uint8Array[], failure?: Error): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (failure !== undefined) controller.error(failure);
      else controller.close();
    },
  });
}

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 255;
  }
  return bytes;
}

export async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** The response's body is these bytes; compared by digest, since long arrays are slow to compare one by one. */
export async function expectBody(response: Response, expected: Uint8Array): Promise<void> {
  const bytes = await bytesOf(response);
  expect({ size: bytes.length, digest: digestOf(bytes) }).toEqual({
    size: expected.length,
    digest: digestOf(expected),
  });
}
