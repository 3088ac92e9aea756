import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { useScratch as useDirectory } from "../../fixtures/scratch.js";

/** A user's directory, with programs, that is a new one in each test. */
export interface Scratch {
  readonly home: string;
  /** What finds the programs here before those of the machine, and the configurations here only. */
  readonly env: Record<string, string>;
  readonly file: (name: string) => string;
  readonly read: (name: string) => string;
  readonly names: (directory: string) => string[];
  /** Writes a file, with what leads to it; what is no text becomes JSON. Gives its path. */
  readonly write: (name: string, content: unknown) => string;
  /** Puts a credential helper on the PATH: a shell script that has the action in `$1`, and the input in `$input`. */
  readonly helper: (name: string, script: string) => void;
}

export function useScratch(): Scratch {
  const directory = useDirectory();
  const { file } = directory;
  const write = (name: string, content: unknown, mode = 0o600): string => {
    mkdirSync(dirname(file(name)), { recursive: true });
    writeFileSync(file(name), typeof content === "string" ? content : JSON.stringify(content), { mode });
    return file(name);
  };
  return {
    get home() {
      return directory.path;
    },
    get env() {
      return { HOME: directory.path, PATH: `${file("bin")}:/usr/bin:/bin` };
    },
    file,
    read: (name) => readFileSync(file(name), "utf8"),
    names: (directory) => readdirSync(file(directory)),
    write,
    helper: (name, script) => {
      write(`bin/docker-credential-${name}`, `#!/bin/sh\ninput=$(cat)\n${script}\n`, 0o700);
    },
  };
}

/** An entry of `auths`. */
export function entry(username: string, password = "p"): { auth: string } {
  return { auth: Buffer.from(`${username}:${password}`).toString("base64") };
}
