import { newTag } from "varve/name";
import { image as randomImage } from "varve/random";
import { faults, fetchOf, newRegistry, withFaults } from "varve/registry";
import { write } from "varve/remote";

const registry = newRegistry();
const flaky = withFaults(registry.fetch, [
  { method: "PATCH", nth: 2, effect: faults.status(503, { headers: { "Retry-After": "0" } }) },
]);

const tag = newTag("registry.example/app:v1");
const { digest } = await write(tag, randomImage(1000, 2, { seed: 1 }), { fetch: fetchOf(flaky) });

const answer = await registry.fetch(
  new Request("http://registry.example/v2/app/manifests/v1", { method: "HEAD" }),
);
console.log(flaky.strikes.length, answer.headers.get("docker-content-digest") === String(digest));
