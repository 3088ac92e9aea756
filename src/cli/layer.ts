import { Command } from "commander";
import { openInput } from "./input.js";
import { interruptible } from "./interruption.js";
import { addLayerFlags, type LayerFlags, layerOptions } from "./layer-flags.js";
import { makeLayer } from "./make-layer.js";
import { openOutput } from "./output.js";
import { printLine } from "./print-line.js";

interface OutputFlags extends LayerFlags {
  readonly output: string;
}

const HELP = `
Prints one line on stdout, the layer's digest and OUT, as sha256sum does. With --json it is one object:
{output, mediaType, digest, diffID, size, uncompressedSize, threads, seconds}, where threads counts those that did
compress. If OUT is - the line goes to stderr.

OUT appears, or is replaced, when it is complete; a run that fails or is ended by Ctrl-C leaves nothing behind.
Devices and named pipes are written to directly. Progress goes to stderr if that is a terminal.

Examples:
  $ varve layer rootfs.tar -o layer.tar.gz
  $ tar -c -C rootfs . | varve layer - -o layer.tar.gz --json
  $ tar -c -C rootfs . | varve layer - -o - | ssh host 'cat > layer.tar.gz'`;

/** `varve layer`. */
export function layerCommand(): Command {
  const command = new Command("layer")
    .summary("make a layer of a tar, in a file")
    .description("Makes the layer that push-layer would push, in a file.")
    .argument("[FILE]", "the tar; stdin if it is - or left out")
    .requiredOption("-o, --output <OUT>", "the file to make; - is stdout");
  return addLayerFlags(command).addHelpText("after", HELP).action(writeLayerFile);
}

async function writeLayerFile(file = "-", flags: OutputFlags): Promise<void> {
  const options = layerOptions(flags);
  const destination = flags.output;
  const consequence = destination === "-" ? "the output is incomplete" : `${destination} was not written`;
  const report = await interruptible(consequence, async (signal) =>
    makeLayer(await openInput(file), options, async (layer) => {
      const output = await openOutput(destination, signal);
      try {
        await layer.writeTo((view) => output.write(view), { signal });
        await output.commit();
      } catch (error) {
        await output.discard();
        throw error;
      }
    }),
  );
  const line = flags.json
    ? JSON.stringify({ output: destination, ...report })
    : `${report.digest}  ${destination}`;
  if (destination === "-") {
    process.stderr.write(`${line}\n`);
  } else {
    await printLine(line, `${destination} is complete all the same, with digest ${report.digest}`);
  }
}
