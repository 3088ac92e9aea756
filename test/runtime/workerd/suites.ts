import { init, toHex } from "varve/core";
import { newRepository } from "varve/name";
import { writeLayer } from "varve/remote";
import { newLayer } from "varve/stream";
import { ensure, equal, refuses } from "../../portable/assert.js";
import { runSuites, type Suite } from "../../portable/runner.js";
import { portableSuites } from "../../portable/suites.js";
import { oneThreadOnly } from "../../portable/threads.js";
import { runLeg } from "../relay-leg.js";

/** That this is a Worker as bare as they come: otherwise the other suites would prove less than they say. */
const bareWorker: Suite = (test) => {
  test("this is workerd, without Node's compatibility layer", async () => {
    equal(navigator.userAgent, "Cloudflare-Workers");
    for (const name of ["process", "Buffer", "require", "setImmediate"]) {
      equal(name in globalThis, false, `whether there is a global ${name}`);
    }
    const file = ["node", "fs"].join(":");
    await refuses(() => import(file), Error);
  });

  test("WebAssembly cannot be compiled from bytes here", async () => {
    await refuses(
      () => WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)),
      WebAssembly.CompileError,
    );
    await init();
  });
};

async function pushBody({ body, url }: Request): Promise<Response> {
  const repository = new URL(url).searchParams.get("repository");
  ensure(body !== null && repository !== null, "the request needs a body and a repository");
  const layer = newLayer(body);
  const { digest, size } = await writeLayer(newRepository(repository), layer);
  return Response.json({ digest, diffID: await layer.diffID(), size });
}

/** Goes on with the layer whose checkpoint is the request's body, up to `?end=` bytes of its input. */
async function goOn(request: Request): Promise<Response> {
  const end = Number(new URL(request.url).searchParams.get("end"));
  const { output, checkpoint } = await runLeg(new Uint8Array(await request.arrayBuffer()), end);
  return Response.json({ output: toHex(output), checkpoint: toHex(checkpoint) });
}

export default {
  /** GET runs the suites; POST makes the request's body a layer and pushes it to `?repository=`; PUT goes on with a layer. */
  async fetch(request: Request): Promise<Response> {
    if (request.method === "POST") {
      return pushBody(request);
    }
    if (request.method === "PUT") {
      return goOn(request);
    }
    return Response.json(await runSuites("workerd", "", [...portableSuites, oneThreadOnly, bareWorker]));
  },
};
