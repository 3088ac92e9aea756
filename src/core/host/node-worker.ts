/** `varve/worker` as Node, Bun and Deno run it, in a worker of `node:worker_threads` or in one of the web's. */
import { serveSegments } from "../thread/serve-segments.js";
import { onGreeting } from "./node.js";

onGreeting(serveSegments);
