/** Compresses standard input to standard output, as `gzip -1` does: `node examples/gzip-stream.mjs < FILE > FILE.gz`. */
import { Readable, Writable } from "node:stream";
import { GzipStream } from "varve/core";

await Readable.toWeb(process.stdin)
  .pipeThrough(new GzipStream({ level: 1 }))
  .pipeTo(Writable.toWeb(process.stdout));
