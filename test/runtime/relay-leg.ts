import { describeCheckpoint, GzipLayerMachine, init, type MachineResult } from "varve/core";
import { concat, mixed } from "../fixtures/bytes.js";

/** The layer that is handed from runtime to runtime: each of them can make its input. */
export const relayInput = (): Uint8Array<ArrayBuffer> => mixed(2_000_000, 61);

/** How far a runtime has brought the layer. */
export interface Leg {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  /** The layer's, when it is finished. */
  readonly result: MachineResult | undefined;
}

/** Goes on with the layer from the checkpoint, or begins it, and brings it up to so many bytes of its input. */
export async function runLeg(checkpoint: Uint8Array | undefined, end: number): Promise<Leg> {
  await init();
  const input = relayInput();
  const machine = checkpoint === undefined ? new GzipLayerMachine(1) : GzipLayerMachine.resume(checkpoint, 1);
  const output: Uint8Array[] = [];
  const take = (): void => {
    const view = machine.take();
    if (view !== undefined) {
      output.push(view.slice());
    }
  };
  const part = input.subarray(0, end);
  const start = checkpoint === undefined ? 0 : describeCheckpoint(checkpoint).inputOffset;
  for (let at = start; at < part.length; take()) {
    at = machine.update(part, at);
  }
  const last = end >= input.length;
  if (last) {
    machine.finish();
    take();
  }
  const leg = {
    output: concat(...output),
    checkpoint: machine.checkpoint(),
    result: last ? machine.result() : undefined,
  };
  machine.release();
  return leg;
}
