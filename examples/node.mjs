import { newRepository } from "varve/name";
import { serveRegistry } from "varve/node";
import { writeLayer } from "varve/remote";
import { newLayer } from "varve/stream";

const server = await serveRegistry({ address: "127.0.0.1:0" });
const repository = newRepository(`${new URL(server.url).host}/app`);
const { digest } = await writeLayer(repository, newLayer(new Blob(["hello"])));

const answer = await fetch(`${server.url}/v2/app/blobs/${digest}`);
console.log(answer.status, (await answer.arrayBuffer()).byteLength > 0);
await server.close();
