import { ConnectionLossError } from "../../../../src/registry/index.js";

/** Watches what becomes of the bodies of answers: whoever is given one reads it to its end, or cancels it. */
export class Bodies {
  #open = 0;

  /** Bodies that have neither ended, nor failed, nor been cancelled. */
  get open(): number {
    return this.#open;
  }

  watched(response: Response): Response {
    if (response.body === null) return response;
    this.#open += 1;
    const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
    let ended = false;
    const end = (): void => {
      this.#open -= ended ? 0 : 1;
      ended = true;
    };
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await reader.read();
            if (done) {
              controller.close();
              end();
            } else {
              controller.enqueue(value);
            }
          } catch (failure) {
            end();
            // As runtimes say it.
            throw failure instanceof ConnectionLossError
              ? new TypeError("terminated", { cause: failure.cause })
              : failure;
          }
        },
        cancel: async (reason) => {
          end();
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body as BodyInit, { status: response.status, headers: response.headers });
  }
}
