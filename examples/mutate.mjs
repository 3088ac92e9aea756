import { image as scratch } from "varve/empty";
import { append, config } from "varve/mutate";
import { newLayer } from "varve/stream";

const layer = newLayer(new Blob(["any stream of bytes"]));
const image = config(append(scratch, { layer, history: { createdBy: "me" } }), { cmd: ["/run"] });
console.log((await image.layers()).length, await image.digest().catch(({ code }) => code));
for await (const _ of layer.chunks());
console.log(String(await image.digest()));
