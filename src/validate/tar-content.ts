import { ChunkReader, quietly, readableOf } from "../bytes/index.js";
import { messageOf } from "../core/message.js";
import { readTar, TarError } from "../tar/index.js";
import type { ValidateOptions } from "./options.js";
import type { Report } from "./report.js";
import { TarPaths } from "./tar-paths.js";

/** Compares the paths of a tar. One that is damaged is a problem, and the rest is read all the same, for the hashes. */
export async function readPaths(
  content: ReadableStream<Uint8Array>,
  { problems, where }: Report,
  { signal, maxPathBytes }: ValidateOptions,
): Promise<void> {
  const reader = new ChunkReader(content, { signal });
  let ended = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    const chunk = await reader.next();
    ended = chunk === undefined;
    return chunk;
  };
  const paths = new TarPaths(problems, where, maxPathBytes);
  try {
    for await (const { header } of readTar(readableOf({ next, close: async () => {} }), { signal })) {
      paths.add(header);
    }
    paths.finish();
  } catch (error) {
    if (!(error instanceof TarError)) {
      quietly(reader.close(error));
      throw error;
    }
    // A tar whose reader asked for more than there is ends too early; any other is damaged.
    const name = ended ? "undersized-content" : "unreadable-content";
    problems.add(name, where, `${ended ? "undersized content: " : ""}${messageOf(error)}`, error);
  }
  while (!ended) await next();
}
