import { unlessAborted } from "../../bytes/index.js";
import type { Hash } from "../../v1/index.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { settle } from "../transport/registry-error.js";
import type { Answer } from "../transport/transport.js";
import { GivenUp } from "./given-up.js";
import type { LayerReading } from "./layer-reading.js";
import type { SendOptions } from "./send-options.js";
import type { SessionRequest, UploadSession } from "./session.js";
import { bodyOf } from "./sized-body.js";
import { UploadBody } from "./upload-body.js";

/**
 * Sends a layer in one PATCH without `Content-Range`, as docker does. If that fails, what has been read of the layer is of no use, unless it
 * is `untouched`; whoever opened the reading ends it.
 *
 * When it is the layer that fails, or the signal is aborted, the request is left to the session's `cancel`, with a body that ends where it is: one
 * that breaks off would leave the session where no answer tells of, and nothing comes of one that is short, as no digest is given here. Only a
 * body whose length was given must break off.
 *
 * @throws {RegistryError} if the registry refuses it, be it before all has been sent
 * @throws {LayerReadError} if the layer fails with an error that is not varve's own; varve's own are thrown as they are
 * @throws {ProtocolError | UnsafeLocationError} if the session cannot be gone on with
 */
export function sendStreaming(
  session: UploadSession,
  reading: LayerReading,
  options: SendOptions,
): Promise<void> {
  return sendWhole(reading, options, {
    send: (request) => session.send({ ...request, method: "PATCH" }),
    take: async (answer) => {
      await settle(answer, [201, 202, 204], options.signal);
    },
    end: (answer) => session.follow(answer),
    giveUp: (request) => session.giveUp(request),
  });
}

/**
 * Sends a layer in the PUT that ends the session ("monolithic"). What becomes of the layer is as with {@link sendStreaming}, and the same is
 * thrown.
 */
export function sendMonolithic(
  session: UploadSession,
  reading: LayerReading,
  digest: Hash,
  options: SendOptions,
): Promise<void> {
  return sendWhole(reading, options, {
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
  /** Leaves a request to the session's `cancel`; not there if its end would make a blob of what was sent. */
  readonly giveUp?: (request: GivenUp) => void;
}

async function sendWhole(
  reading: LayerReading,
  { size, onSent, signal }: SendOptions,
  exchange: Exchange,
): Promise<void> {
  signal?.throwIfAborted();
  const body = new UploadBody(await reading.open(signal), onSent, size);
  const request = new AbortController();
  const sending = exchange.send({ ...bodyOf(body.stream, size), signal: request.signal });
  let underWay = true;
  const settled = (): void => {
    underWay = false;
  };
  sending.then(settled, settled);
  try {
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
    const mayEnd = body.complete || (underWay && size === undefined && body.sent > 0);
    const givenUp = new GivenUp(sending, request);
    if (mayEnd && exchange.giveUp !== undefined) {
      exchange.giveUp(givenUp);
      body.cutShort();
    } else {
      givenUp.end(failure);
      body.letGo(failure);
    }
    throw failure;
  }
}

/** The answer to the body, or the body's own failure: the runtime would only say that the request failed. */
async function unlessBodyFails(
  sending: Promise<Answer>,
  body: UploadBody,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    const answer = await unlessAborted(signal, Promise.race([sending, body.failed]));
    if (!body.complete) {
      body.halt();
    }
    return answer;
  } catch (failure) {
    body.halt();
    signal?.throwIfAborted();
    throw failure;
  }
}
