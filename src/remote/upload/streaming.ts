import { unlessAborted } from "../../bytes/index.js";
import type { Hash, Layer } from "../../v1/index.js";
import { ChildController } from "../transport/abort.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { settle } from "../transport/registry-error.js";
import { discardBody } from "../transport/response-body.js";
import type { Answer } from "../transport/transport.js";
import type { SendOptions } from "./send-options.js";
import type { SessionRequest, UploadSession } from "./session.js";
import { bodyOf } from "./sized-body.js";
import { UploadBody } from "./upload-body.js";

/**
 * Opens a layer and sends it in one PATCH without `Content-Range`, as docker does. If that fails, the layer is ended with the failure as
 * the reason; the session's `cancel` waits for that.
 *
 * @throws {RegistryError} if the registry refuses it, be it before all has been sent
 * @throws {LayerReadError} if the layer fails with an error that is not varve's own; varve's own are thrown as they are
 * @throws {ProtocolError | UnsafeLocationError} if the session cannot be gone on with
 */
export function sendStreaming(session: UploadSession, layer: Layer, options: SendOptions): Promise<void> {
  return sendWhole(session, layer, options, {
    send: (request) => session.send({ ...request, method: "PATCH" }),
    take: async (answer) => {
      await settle(answer, [201, 202, 204], options.signal);
    },
    end: (answer) => session.follow(answer),
  });
}

/**
 * Opens a layer and sends it in the PUT that ends the session ("monolithic"). The layer is ended as by {@link sendStreaming}, and the same is
 * thrown.
 */
export function sendMonolithic(
  session: UploadSession,
  layer: Layer,
  digest: Hash,
  options: SendOptions,
): Promise<void> {
  return sendWhole(session, layer, options, {
    send: (request) => session.put(digest, request),
    take: (answer) => session.confirm(answer, digest),
    end: () => undefined,
  });
}

interface Exchange {
  send(request: Omit<SessionRequest, "method">): Promise<Answer>;
  /** @throws if the answer is a refusal */
  take(answer: Answer): Promise<void>;
  /** The answer stands: all has been sent. */
  end(answer: Answer): void;
}

async function sendWhole(
  session: UploadSession,
  layer: Layer,
  { size, onSent, signal }: SendOptions,
  exchange: Exchange,
): Promise<void> {
  signal?.throwIfAborted();
  const source = await unlessAborted(signal, layer.compressed(signal && { signal }), (late) => {
    late.cancel(signal?.reason).catch(() => undefined);
  });
  const body = new UploadBody(source, onSent, size);
  const request = new ChildController(signal);
  try {
    const sending = exchange.send({ ...bodyOf(body.stream, size), signal: request.signal });
    const answer = await unlessBodyFails(sending, body, signal);
    await exchange.take(answer);
    if (!body.complete) {
      throw new ProtocolError(
        `${answer.method} ${redactURL(answer.url)}: answered with status ${answer.response.status} when only ${body.sent} bytes of the layer had been sent, so the blob would be cut short; the registry, a proxy before it, or this runtime does not take streamed request bodies`,
      );
    }
    await unlessAborted(signal, body.finish());
    exchange.end(answer);
  } catch (failure) {
    request.abort(failure);
    session.endWith(body.release(failure));
    throw failure;
  } finally {
    request.detach();
  }
}

/** The answer to the body, or the body's own failure: the runtime would only say that the request failed. */
async function unlessBodyFails(
  sending: Promise<Answer>,
  body: UploadBody,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    const answer = await Promise.race([sending, body.failed]);
    if (!body.complete) {
      body.halt();
    }
    return answer;
  } catch (failure) {
    sending.then(({ response }) => discardBody(response)).catch(() => undefined);
    body.halt();
    signal?.throwIfAborted();
    throw failure;
  }
}
