import * as empty from "varve/empty";
import * as layout from "varve/layout";
import * as mutate from "varve/mutate";
import * as stream from "varve/stream";

const images = await layout.write(layout.newMemoryStorage(), empty.index);

const layer = stream.newLayer(new TextEncoder().encode("a stream, read once"));
await images.appendImage(mutate.appendLayers(empty.image, layer), {
  annotations: { "org.opencontainers.image.ref.name": "latest" },
});

const image = await images.image();
const { layers = [] } = await image.manifest();
console.log(layers.length, String(layers[0]?.digest) === String(await layer.digest()));
console.log((await images.garbageCollect()).length);
