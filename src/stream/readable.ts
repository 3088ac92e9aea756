import type { Run } from "./run.js";

/**
 * Shows a run as a Web stream that buffers nothing: each pull makes one piece and hands out a copy of it, which is
 * the consumer's own. Cancelling ends the run at once.
 */
export function readableOf(run: Run): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller): void {
        run.onFailure((error) => controller.error(error));
      },
      async pull(controller): Promise<void> {
        const more = await run.next((view) => controller.enqueue(view.slice()));
        if (!more) {
          controller.close();
        }
      },
      cancel(reason: unknown): void {
        run.end("the layer's stream was cancelled", reason);
      },
    },
    { highWaterMark: 0 },
  );
}
