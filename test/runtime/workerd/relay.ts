import { equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describeCheckpoint, toHex } from "varve/core";
import { concat } from "../../fixtures/bytes.js";
import { relayInput, runLeg } from "../relay-leg.js";

/** Begins a layer in Node, has the Worker go on with it, and finishes it in Node again. */
export async function relayThroughWorker(worker: string, signal: AbortSignal): Promise<void> {
  const input = relayInput();
  const first = await runLeg(undefined, 700_000);
  const response = await fetch(`${worker}?end=1400000`, { method: "PUT", body: first.checkpoint, signal });
  equal(response.status, 200, "the status of the Worker's answer");
  const second = (await response.json()) as { output: string; checkpoint: string };
  const checkpoint = new Uint8Array(Buffer.from(second.checkpoint, "hex"));
  const [from, to] = [first.checkpoint, checkpoint].map((each) => describeCheckpoint(each).inputOffset);
  equal(
    from !== undefined && to !== undefined && from > 0 && to > from,
    true,
    "whether each leg came further",
  );
  const third = await runLeg(checkpoint, input.length);

  const output = concat(first.output, new Uint8Array(Buffer.from(second.output, "hex")), third.output);
  const whole = await runLeg(undefined, input.length);
  equal(Buffer.compare(output, whole.output), 0, "whether the bytes are those of an uninterrupted run");
  equal(Buffer.compare(gunzipSync(output), input), 0, "whether they inflate to the input");
  const { digest, diffID, size } = third.result!;
  equal(toHex(digest), createHash("sha256").update(output).digest("hex"), "the digest");
  equal(toHex(diffID), createHash("sha256").update(input).digest("hex"), "the diffID");
  equal(size, output.length, "the size");
}
