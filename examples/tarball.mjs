/** Writes two images into one tarball, as docker save does, and finds one of them in it. */
import { image as randomImage } from "varve/random";
import { image, multiWrite, openerOf } from "varve/tarball";

const images = new Map([
  ["localhost:5000/app:v1", randomImage(1024, 2, { seed: 1 })],
  ["localhost:5000/tool:v1", randomImage(1024, 1, { seed: 2 })],
]);
const stream = await multiWrite(images, {
  onProgress: ({ complete, total }) => complete === total && console.log(`${total} bytes`),
});
const tarball = new Uint8Array(await new Response(stream).arrayBuffer());

const app = await image(openerOf(tarball), "localhost:5000/app:v1");
console.log(`${(await app.layers()).length} layers, configuration ${await app.configName()}`);
