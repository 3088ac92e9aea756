import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { RegistryStub } from "./registry-stub.js";

/** What whoever pushed a layer says of it. */
export interface PushedLayer {
  readonly digest: string;
  readonly diffID: string;
  readonly size: number;
}

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Compares what a registry has got with what was pushed and what was said of it, by other means than varve's. */
export function judgePush(registry: RegistryStub, input: Uint8Array, layer: PushedLayer): void {
  const blob = registry.blob();
  deepEqual(layer, { digest: sha256(blob), diffID: sha256(input), size: blob.length });
  ok(gunzipSync(blob).equals(input), "the blob inflates to something else than was sent");

  deepEqual(
    registry.requests.map(({ method }) => method),
    ["GET", "POST", "PATCH", "PUT"],
  );
  const [, , patch, put] = registry.requests;
  equal(patch?.headers["content-length"], undefined);
  equal(patch?.headers["transfer-encoding"], "chunked");
  const query = new URL(put?.url ?? "", "http://registry").searchParams;
  equal(query.get("digest"), layer.digest);
  equal(query.get("state"), "kept");
}
