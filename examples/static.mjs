import { newLayer } from "varve/static";

const layer = newLayer(new TextEncoder().encode("hello"), "text/plain");
console.log(String(await layer.digest()), await layer.size(), await layer.mediaType());
