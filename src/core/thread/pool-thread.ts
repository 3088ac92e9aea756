import type { Host, WorkerLike } from "../host/host.js";
import { type Greeting, PROTOCOL, type Ready, type SegmentReply, type SegmentRequest } from "./protocol.js";

/** What a thread has to say, to whoever owns it. */
export interface ThreadListener {
  replied(thread: PoolThread, reply: SegmentReply): void;
  /** It is lost, with everything that it was given. `begun`: whether it had ever been ready. */
  lost(thread: PoolThread, begun: boolean): void;
}

/** One worker, seen from the main thread. */
export class PoolThread {
  readonly #worker: WorkerLike;
  readonly #port: MessagePort;
  readonly #listener: ThreadListener;
  readonly #receiveMessage: Host["receiveMessage"];
  #state: "starting" | "ready" | "gone" = "starting";
  #load = 0;

  /** @throws what posting to the worker throws, such as where modules can't be cloned; then it is terminated */
  constructor(
    worker: WorkerLike,
    module: WebAssembly.Module,
    receive: Host["receiveMessage"],
    listener: ThreadListener,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#receiveMessage = receive;
    this.#worker = worker;
    this.#port = port1;
    this.#listener = listener;
    const lose = (): void => this.#lose();
    worker.addEventListener?.("error", (event) => {
      event.preventDefault?.();
      lose();
    });
    worker.on?.("error", lose);
    worker.on?.("exit", lose);
    if (receive === undefined) port1.onmessage = ({ data }) => this.#receive(data);
    const greeting: Greeting = { protocol: PROTOCOL, port: port2, module };
    try {
      worker.postMessage(greeting, [port2]);
    } catch (error) {
      this.terminate();
      throw error;
    }
    worker.unref?.();
    (port1 as { unref?(): void }).unref?.();
  }

  get ready(): boolean {
    return this.#state === "ready";
  }

  /** How many segments it has been given and not yet given back. */
  get load(): number {
    return this.#load;
  }

  /** Whether a message of it is to be expected. */
  get owes(): boolean {
    return this.#state === "starting" || (this.#state === "ready" && this.#load > 0);
  }

  post(request: SegmentRequest): void {
    this.#port.postMessage(request, [request.buffer]);
    this.#load++;
  }

  /** Takes the messages that have come, where the runtime has a way to; elsewhere they come by events. */
  poll(): void {
    while (this.#receiveMessage !== undefined && this.owes) {
      const received = this.#receiveMessage(this.#port);
      if (received === undefined) return;
      this.#receive(received.message);
    }
  }

  /** Ends the worker, whatever it does. */
  terminate(): void {
    this.#state = "gone";
    this.#port.close();
    this.#worker.terminate();
  }

  #receive(message: Ready | SegmentReply | unknown): void {
    if (this.#state === "starting") {
      if ((message as Partial<Ready>).ready === PROTOCOL) this.#state = "ready";
      else this.#lose();
    } else if (this.#state === "ready") {
      this.#load--;
      this.#listener.replied(this, message as SegmentReply);
    }
  }

  #lose(): void {
    if (this.#state === "gone") return;
    this.poll();
    const begun = this.#state === "ready";
    this.terminate();
    this.#listener.lost(this, begun);
  }
}
