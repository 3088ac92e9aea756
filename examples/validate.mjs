import * as random from "varve/random";
import * as staticLayer from "varve/static";
import * as v1 from "varve/v1";
import * as validate from "varve/validate";

await validate.image(random.image(10_000, 2, { seed: 1 }));
console.log("valid");

const text = new TextEncoder().encode("this is no tar, whatever its media type says".repeat(20));
try {
  await validate.layer(staticLayer.newLayer(text, v1.ociLayer));
} catch (error) {
  for (const { problem, where } of error.problems) console.log(where, problem);
}
