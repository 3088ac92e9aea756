import { mutate, stream } from "varve";
import { layout } from "varve/node";

const images = await layout.fromPath("images");
const image = mutate.appendLayers(await images.image(), stream.newLayer(process.stdin));
await images.appendImage(image, { annotations: { "org.opencontainers.image.ref.name": "app" } });
console.log(String(await image.digest()));
