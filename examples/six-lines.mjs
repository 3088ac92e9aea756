import { mutate, stream, v1 } from "varve";
import { layout } from "varve/node";

const images = await layout.fromPath("images");
const layer = stream.newLayer(process.stdin, { mediaType: v1.ociLayer });
const image = mutate.appendLayers(await images.image(), layer);
await images.appendImage(image, { annotations: { "org.opencontainers.image.ref.name": "app" } });
