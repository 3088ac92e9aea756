import { name, remote, stream } from "varve";

const repo = name.newRepository("localhost:5000/stream");
const layer = stream.newLayer(process.stdin);
await remote.writeLayer(repo, layer);
console.log(String(await layer.digest()));
