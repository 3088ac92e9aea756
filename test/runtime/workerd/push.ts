import { equal } from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { concat, randomBytes, text } from "../../fixtures/bytes.js";
import { judgePush, type PushedLayer } from "../pushed-layer.js";
import { startRegistryStub } from "../registry-stub.js";

/** Has the Worker push the body of a request to a registry here. */
export async function pushThroughWorker(worker: string, signal: AbortSignal): Promise<void> {
  const halves = [randomBytes(2_000_000, 31), concat(text(100_000, 32), randomBytes(500_000, 33))] as const;
  const registry = await startRegistryStub();
  try {
    const exchange = request(`${worker}?repository=${registry.repository}`, { method: "POST", signal });
    const answered = once(exchange, "response") as Promise<[IncomingMessage]>;
    answered.catch(() => {});
    exchange.write(halves[0]);
    // A Worker that gathered the body before it sends anything would wait here for ever.
    await Promise.race([registry.begun, answered]);
    exchange.end(halves[1]);
    const [response] = await answered;
    equal(response.statusCode, 200, "the status of the Worker's answer");
    judgePush(registry, concat(...halves), (await json(response)) as PushedLayer);
  } finally {
    registry.stop();
  }
}
