import { quietly, unlessAborted } from "../../bytes/index.js";
import { atMost } from "../transport/abort.js";
import { discardBody } from "../transport/response-body.js";
import type { Answer } from "../transport/transport.js";

/** How long a request that was given up may take to come to its end; what is left of the time for the clean-up is for what follows. */
const ENDING_MILLISECONDS = 1500;

/**
 * A request to an upload's session that was given up, and still goes on: its answer says where the session is. That matters to docker-registry
 * 2.8, which signs how much it has into every Location, and forgets a session only where it has as much as that says.
 */
export class GivenUp {
  readonly #answering: Promise<Answer>;
  readonly #request: AbortController;

  /** @param request what ends the request; the caller's own signal must not */
  constructor(answering: Promise<Answer>, request: AbortController) {
    this.#answering = answering;
    this.#request = request;
  }

  /** Tells of the answer, if it comes within a second and a half, and is none that refuses; then, at the latest, the request is ended. */
  async follow(follow: (answer: Answer) => void): Promise<void> {
    const followed = this.#answering.then(async (answer) => {
      if (answer.response.ok) {
        follow(answer);
      }
      await discardBody(answer.response, this.#request.signal);
    });
    await atMost(ENDING_MILLISECONDS, followed);
    this.end();
  }

  /** Ends the request at once. */
  end(reason?: unknown): void {
    this.#request.abort(reason);
    quietly(this.#answering.then(({ response }) => discardBody(response, this.#request.signal)));
  }
}

/**
 * Makes a request that is given up when the signal is aborted.
 *
 * @param send makes it, with a signal of its own
 * @param givenUp told of the request then
 * @throws the signal's reason, at once, when it is aborted; else what the request comes to
 */
export async function unlessGivenUp(
  signal: AbortSignal | undefined,
  send: (own: AbortSignal) => Promise<Answer>,
  givenUp: (request: GivenUp) => void,
): Promise<Answer> {
  signal?.throwIfAborted();
  const request = new AbortController();
  const answering = send(request.signal);
  try {
    return await unlessAborted(signal, answering);
  } catch (failure) {
    if (signal?.aborted === true) {
      givenUp(new GivenUp(answering, request));
    }
    throw failure;
  }
}
