import { image, index } from "varve/empty";

console.log(String(await image.digest()), (await image.layers()).length);
console.log(String(await index.digest()), (await index.indexManifest()).manifests.length);
