import { BlobUnknownError, digest, size } from "../partial/index.js";
import {
  encodeIndexManifest,
  type Hash,
  type Image,
  type ImageIndex,
  type IndexManifest,
  ociImageIndex,
} from "../v1/index.js";

const MANIFEST: IndexManifest = { schemaVersion: 2, mediaType: ociImageIndex, manifests: [] };

class EmptyIndex implements ImageIndex {
  async mediaType(): Promise<string> {
    return ociImageIndex;
  }

  digest(): Promise<Hash> {
    return digest(this);
  }

  size(): Promise<number> {
    return size(this);
  }

  async indexManifest(): Promise<IndexManifest> {
    return MANIFEST;
  }

  async rawManifest(): Promise<Uint8Array> {
    return encodeIndexManifest(MANIFEST);
  }

  async image(hash: Hash): Promise<Image> {
    throw new BlobUnknownError("manifest", hash);
  }

  async imageIndex(hash: Hash): Promise<ImageIndex> {
    throw new BlobUnknownError("manifest", hash);
  }
}

/** An index without images, to append to. It is OCI's, and the same bytes as Go's. */
export const index: ImageIndex = /* @__PURE__ */ new EmptyIndex();
