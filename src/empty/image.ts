import {
  BlobUnknownError,
  rawConfigFile,
  type UncompressedLayer,
  uncompressedToImage,
} from "../partial/index.js";
import { type ConfigFile, dockerManifestSchema2, type Hash, type Image } from "../v1/index.js";

/** The type of the root file system is given, because some programs look at it. */
const CONFIG: ConfigFile = { architecture: "", os: "", rootfs: { type: "layers" }, config: {} };

/** An image without layers, to append to: `FROM scratch`. It is Docker's second schema, and the same bytes as Go's. */
export const image: Image = /* @__PURE__ */ uncompressedToImage({
  async mediaType(): Promise<string> {
    return dockerManifestSchema2;
  },
  rawConfigFile(): Promise<Uint8Array> {
    return rawConfigFile({ configFile: async () => CONFIG });
  },
  async layerByDiffID(diffID: Hash): Promise<UncompressedLayer> {
    throw new BlobUnknownError("diffID", diffID);
  },
});
