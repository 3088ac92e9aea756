import { type Command, InvalidArgumentError, Option } from "commander";
import { describeSource } from "../authn/index.js";
import { defaultKeychain, newFetch } from "../node/index.js";
import type { RemoteOptions, UploadMode } from "../remote/index.js";
import { parseByteSize } from "./byte-size.js";

/** The options that say how a registry is spoken to. */
export interface RegistryFlags {
  readonly insecure?: true;
  readonly authfile?: string;
  readonly upload?: UploadMode;
  readonly chunkSize?: number;
  /** The whole command's. */
  readonly verbose?: true;
}

/** Adds the options of {@link RegistryFlags} to a command. */
export function addRegistryFlags(command: Command): Command {
  return command
    .option("--insecure", "allow plain HTTP, and HTTPS with any certificate, for the registry's own host")
    .option("--authfile <FILE>", "look for credentials in this file before all others")
    .addOption(
      new Option(
        "--upload <WAY>",
        "send the layer in one request, or in chunks, which survive a broken connection",
      ).choices(["streaming", "chunked"]),
    )
    .option("--chunk-size <BYTES>", "how large chunks are: 8MiB, 50MB (default: 8MiB)", parseChunkSize);
}

/**
 * How a registry is spoken to, which is named by its host, and `:port` if it has one: with the credentials that Docker,
 * podman and their like have left, through the proxies that the environment names, whose settings the first request
 * looks at. With `--verbose` a line on stderr tells which file gave the credentials.
 */
export function remoteOptions(
  { insecure, authfile, upload, chunkSize, verbose }: RegistryFlags,
  registry: string,
): RemoteOptions {
  const keychain = defaultKeychain({
    authFile: authfile,
    onSource: (source) => {
      if (verbose) process.stderr.write(`${describeSource(source)}\n`);
    },
  });
  return {
    fetch: newFetch({ insecure: insecure ? [hostnameOf(registry)] : false }),
    keychain,
    upload,
    chunkSize,
  };
}

/** A certificate is for a name, whatever the port: a token server beside the registry has the same. */
function hostnameOf(registry: string): string {
  return new URL(`https://${registry}`).hostname;
}

function parseChunkSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) {
    throw new InvalidArgumentError("It must be a number of bytes, such as 8MiB, 50MB or 1000000.");
  }
  return bytes;
}
