import { createHash } from "node:crypto";
import type { PeerRegistry } from "./peer-registry.js";

/** What the tests need of a descriptor. */
export interface BlobDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Makes an image of one layer that is already in `repository`, with nothing but HTTP, and tags it `tag`. */
export async function putImage(
  registry: PeerRegistry,
  repository: string,
  tag: string,
  layer: BlobDescriptor,
  diffID: string,
): Promise<void> {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [diffID] },
    config: {},
  });
  const session = await registry.fetch(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const location = new URL(session.headers.get("location") ?? "", session.url);
  location.searchParams.set("digest", sha256(config));
  const stored = await registry.fetch(String(location), {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: config,
  });
  if (stored.status !== 201) throw new Error(`config: ${stored.status} ${await stored.text()}`);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: sha256(config),
      size: config.length,
    },
    layers: [layer],
  });
  const tagged = await registry.fetch(`/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": "application/vnd.oci.image.manifest.v1+json" },
    body: manifest,
  });
  if (tagged.status !== 201) throw new Error(`manifest: ${tagged.status} ${await tagged.text()}`);
}
