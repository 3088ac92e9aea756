import * as partial from "varve/partial";
import * as v1 from "varve/v1";

const text = new TextEncoder().encode("what is in the layer");
const { hash: diffID } = await v1.sha256(text);

const image = partial.uncompressedToImage({
  mediaType: async () => v1.dockerManifestSchema2,
  rawConfigFile: async () =>
    v1.encodeConfigFile({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diffIDs: [diffID] },
      config: { cmd: ["/run"] },
    }),
  layerByDiffID: async () => ({
    diffID: async () => diffID,
    uncompressed: async () => new Blob([text]).stream(),
    mediaType: async () => v1.dockerLayer,
  }),
});

const [layer] = await image.layers();
console.log(String(await image.configName()));
console.log(String(await partial.blobToDiffID(image, await layer.digest())) === String(diffID));
console.log(await partial.uncompressedSize(layer), (await partial.descriptor(layer)).mediaType);
