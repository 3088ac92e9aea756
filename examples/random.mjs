/** Makes an image of random bytes, twice from the same seed. */
import { image } from "varve/random";

const made = image(1024, 3, { seed: 42 });
const again = image(1024, 3, { seed: 42 });
console.log(String(await made.configName()));
console.log(String(await made.digest()) === String(await again.digest()) ? "the same" : "other");
