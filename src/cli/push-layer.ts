import { Command, InvalidArgumentError } from "commander";
import { NameError, newRepository, parseReference, type Repository } from "../name/index.js";
import { singleFilePushStore } from "../node/index.js";
import { type RestartEvent, type ResumableOptions, writeLayer } from "../remote/index.js";
import { openInput } from "./input.js";
import { interruptible } from "./interruption.js";
import { addLayerFlags, type LayerFlags, layerOptions } from "./layer-flags.js";
import { makeLayer } from "./make-layer.js";
import { printLine } from "./print-line.js";
import { addRegistryFlags, type RegistryFlags, remoteOptions } from "./registry-flags.js";
import { UsageError } from "./usage-error.js";

interface PushLayerFlags extends LayerFlags, RegistryFlags {
  readonly mediaType?: string;
  readonly resumable?: string;
}

const HELP = `
Prints one line on stdout, REPOSITORY@DIGEST, when the registry has confirmed the layer. With --json it is one object:
{repository, mediaType, digest, diffID, size, uncompressedSize, threads, seconds}, where threads counts those that did
compress. Progress goes to stderr if that is a terminal.

The input is read once and not kept. It should be a tar that is not compressed, but nothing checks that.
A push that fails, or is ended by Ctrl-C, asks the registry to forget the upload, for two seconds at most.

With --resumable STATE the upload stays, and the same command, with the input from its first byte again, goes on where
the registry stands, however the first one ended; the digest is that of an uninterrupted push. STATE is a file for its
owner alone, which holds some of the input. It is removed when the push is done. To start over instead, remove it.

Plain HTTP is spoken to localhost:PORT, 127.0.0.1 and addresses of private networks, if they do not speak HTTPS.
With --insecure it is spoken to any registry that does not, and the registry's host may have any certificate, on every
port; other hosts, such as a token server elsewhere, may not: NODE_EXTRA_CA_CERTS makes theirs known.
Credentials are those that docker login and podman login have left: of --authfile, then REGISTRY_AUTH_FILE, Docker's
config.json (DOCKER_CONFIG), podman's auth.json; the first that has any for the registry. --verbose tells which it was.
HTTPS_PROXY, HTTP_PROXY and NO_PROXY say which proxy is gone through; SSL_CERT_FILE and NODE_EXTRA_CA_CERTS name files
of certificates that are trusted.

Examples:
  $ tar -c -C rootfs . | varve push-layer localhost:5000/app
  $ varve push-layer registry.example/team/app layer.tar --json
  $ varve push-layer --compression none localhost:5000/app layer.tar`;

/** `varve push-layer`. */
export function pushLayerCommand(): Command {
  const command = new Command("push-layer")
    .summary("stream a tar into a registry as a layer")
    .description("Streams a tar into a registry as a layer.")
    .argument("<REPOSITORY>", "where the layer goes, such as localhost:5000/app; without a tag")
    .argument("[FILE]", "the tar; stdin if it is - or left out");
  return addRegistryFlags(addLayerFlags(command))
    .option(
      "-m, --media-type <TYPE>",
      "what the layer says that it is (default: Docker's type for it)",
      readMediaType,
    )
    .option(
      "--resumable <STATE>",
      "a file that keeps what the same command needs to go on after an interruption",
    )
    .addHelpText("after", HELP)
    .action(pushLayer);
}

async function pushLayer(
  repositoryName: string,
  file: string | undefined,
  _flags: unknown,
  command: Command,
): Promise<void> {
  const flags = command.optsWithGlobals<PushLayerFlags>();
  const repository = readRepository(repositoryName, flags.insecure === true);
  const remote = remoteOptions(flags, repository.registryStr());
  const options = {
    ...layerOptions(flags),
    ...(flags.mediaType === undefined ? {} : { mediaType: flags.mediaType }),
  };
  const { resumable: state } = flags;
  const consequence =
    state === undefined
      ? "the push was not confirmed"
      : "the push was not confirmed; the same command goes on with it";
  const report = await interruptible(consequence, async (signal) =>
    makeLayer(await openInput(file ?? "-"), options, (layer) =>
      writeLayer(repository, layer, {
        ...remote,
        signal,
        ...(state === undefined ? {} : { resumable: resumableWith(state) }),
      }),
    ),
  );
  const reference = String(repository.digest(report.digest));
  const line = flags.json ? JSON.stringify({ repository: String(repository), ...report }) : reference;
  await printLine(line, `the layer was pushed all the same, as ${reference}`);
}

/** The state in that file; where the push goes on is told on stderr, and why it starts over. */
function resumableWith(state: string): ResumableOptions {
  return {
    store: singleFilePushStore(state),
    key: state,
    onResume: ({ stored }) =>
      void process.stderr.write(`going on: the registry has ${stored} bytes of the layer\n`),
    onRestart: ({ reason }) => void process.stderr.write(`starting over: ${RESTARTS[reason]}\n`),
  };
}

const RESTARTS: Readonly<Record<RestartEvent["reason"], string>> = {
  "unknown-upload": "the registry no longer knows the upload",
  behind: "the registry has too little of the upload to go on",
  unreachable: "the host that the upload went to is gone, or no longer lets it in",
};

/** @throws {NameError | UsageError} if the text does not name a repository */
function readRepository(text: string, insecure: boolean): Repository {
  try {
    return newRepository(text, { insecure });
  } catch (error) {
    const repository = error instanceof NameError ? repositoryWithin(text) : undefined;
    throw repository === undefined
      ? error
      : new UsageError(
          `${text} names a tag or a digest, and a layer has neither yet; push it to ${repository}`,
        );
  }
}

/** The repository of a reference by tag or digest; undefined if the text is none. */
function repositoryWithin(text: string): Repository | undefined {
  try {
    return parseReference(text).context();
  } catch {
    return undefined;
  }
}

/** An empty one is most likely a shell variable that isn't set, and would go into somebody's manifest. */
function readMediaType(text: string): string {
  if (!/^[^\s/]+\/[^\s/]+$/.test(text)) {
    throw new InvalidArgumentError("It must be of the form type/subtype.");
  }
  return text;
}
