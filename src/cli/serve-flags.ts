import { type Command, InvalidArgumentError } from "commander";
import type { RegistryServerOptions } from "../node/index.js";
import type { RegistryAuth } from "../registry/index.js";
import { parseByteSize } from "./byte-size.js";
import { UsageError } from "./usage-error.js";

/** The flags of `varve serve`, as they come from the parser. */
export interface ServeFlags {
  readonly address: string;
  readonly disk?: string;
  readonly memory?: number;
  readonly username?: string;
  readonly passwordStdin?: true;
  readonly tokens?: true;
  readonly anonymousPull?: true;
  readonly cors?: readonly string[];
  readonly sparseIndexes?: true;
  readonly verbose?: true;
}

/** Adds the flags to a command. */
export function addServeFlags(command: Command): Command {
  return command
    .option("-a, --address <HOST:PORT>", "where to listen; port 0 takes any free one", "127.0.0.1:5000")
    .option("-d, --disk <DIR>", "keep everything in a directory, over restarts")
    .option("--memory <LIMIT>", "keep everything in memory, at most so much: 512MiB, 2GB", parseLimit)
    .option("-u, --username <NAME>", "let only this user in")
    .option("--password-stdin", "read the user's password from stdin, up to the end of the line")
    .option("--tokens", "ask the user for a token instead of the password, as public registries do")
    .option("--anonymous-pull", "let everybody pull")
    .option("--cors <ORIGIN>", "let pages of an origin use it, or of all with '*'; may be repeated", addTo)
    .option("--sparse-indexes", "take indexes whose manifests are not all there");
}

/**
 * What the flags say of the registry, apart from where it listens. Reads the password.
 *
 * @param stdin where the password comes from
 * @throws {UsageError} if flags contradict each other or the password is empty
 */
export async function registryOptions(
  flags: ServeFlags,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<Pick<RegistryServerOptions, "disk" | "memory" | "auth" | "cors" | "sparseIndexes">> {
  const { disk, memory, cors, sparseIndexes } = flags;
  return {
    disk,
    memory,
    sparseIndexes,
    auth: await authOf(flags, stdin),
    cors: cors?.includes("*") ? "*" : cors,
  };
}

async function authOf(
  { username, passwordStdin, tokens, anonymousPull }: ServeFlags,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<RegistryAuth | undefined> {
  if (username === undefined) {
    if (!(passwordStdin || tokens || anonymousPull)) return undefined;
    throw new UsageError("--password-stdin, --tokens and --anonymous-pull need a user: --username NAME");
  }
  if (username === "" || username.includes(":")) {
    throw new UsageError("--username must not be empty or have a colon");
  }
  if (!passwordStdin) {
    throw new UsageError("--username needs a password: varve serve --username NAME --password-stdin < FILE");
  }
  const password = await firstLine(stdin);
  if (password === "") throw new UsageError("the password on stdin is empty");
  return { scheme: tokens ? "bearer" : "basic", users: { [username]: password }, anonymousPull };
}

async function firstLine(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdin) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

function addTo(origin: string, origins: readonly string[] = []): readonly string[] {
  return [...origins, origin];
}

function parseLimit(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) {
    throw new InvalidArgumentError("It must be a number of bytes, such as 512MiB, 2GB or 1000000.");
  }
  return bytes;
}
