import * as cache from "varve/cache";
import * as random from "varve/random";

const source = random.image(10_000, 1, { seed: 1 });
const kept = cache.newMemoryCache({ maxBytes: 64 * 1024 * 1024 });
const image = cache.image(source, kept);

const [layer] = await image.layers();
const digest = await layer.digest();
await new Response(await layer.compressed()).arrayBuffer();

const again = await kept.get(digest);
console.log(String(await again.digest()) === String(digest), (await again.size()) > 10_000);
