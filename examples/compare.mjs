import { layers } from "varve/compare";
import { newLayer } from "varve/static";

const a = newLayer(new TextEncoder().encode("hello"), "text/plain");
const b = newLayer(new TextEncoder().encode("hello"), "text/html");
await layers(a, a);
console.log(await layers(a, b).catch(({ message }) => message));
