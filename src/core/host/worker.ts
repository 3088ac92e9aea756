/** `varve/worker` as browsers run it: one module worker. The build makes this file whole, so that it can be served alone. */
import { serveSegments } from "../thread/serve-segments.js";

addEventListener("message", (event) => serveSegments(event.data), { once: true });
