import { CredentialHelperError, type Helper, type HelperCredentials } from "../../authn/index.js";
import { quote } from "../../v1/quote.js";
import { errorCode } from "../durable-file.js";
import type { CredentialEnvironment } from "./config-paths.js";
import { type ProcessEnding, ProcessLimitError, runProcess } from "./helper-process.js";

/** How credential helpers are run; every field may be left out. */
export interface CredentialHelperOptions {
  /** The environment that they are found by (`PATH`) and run in. Default: `process.env`. */
  readonly env?: CredentialEnvironment | undefined;
  /** How long one may take, in milliseconds; some ask the user for a password; `Infinity` is for ever. Default: two minutes. */
  readonly timeout?: number | undefined;
}

/** A helper that can also be told credentials, and to forget them. */
export interface WritableHelper extends Helper {
  /** Keeps credentials for a server in place of those it has. */
  store(server: string, credentials: HelperCredentials, options?: HelperCallOptions): Promise<void>;
  /** Forgets the credentials for a server, if it has any. */
  erase(server: string, options?: HelperCallOptions): Promise<void>;
}

/** One call of a helper. */
export interface HelperCallOptions {
  /** Aborting it kills the program, and gives the call up with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT = 2 * 60 * 1000;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const NOT_FOUND = /credentials not found/i;

/** What comes with a helper, for one that is missing. */
const ORIGINS: ReadonlyMap<string, string> = new Map([
  ["desktop", "it comes with Docker Desktop"],
  ["desktop.exe", "it comes with Docker Desktop"],
  ["ecr-login", "it is Amazon's amazon-ecr-credential-helper"],
  ["gcloud", "it comes with the Google Cloud CLI"],
  ["gcr", "it is Google's docker-credential-gcr"],
  ["acr-env", "it is Azure's docker-credential-acr-env"],
  ["osxkeychain", "it comes with docker-credential-helpers"],
  ["pass", "it comes with docker-credential-helpers"],
  ["secretservice", "it comes with docker-credential-helpers"],
  ["wincred", "it comes with docker-credential-helpers"],
]);

/**
 * The program `docker-credential-NAME` as a keeper of credentials, spoken to as Docker does: `get`, `store` or `erase` as its parameter, the
 * server or JSON on stdin, JSON or an error text on stdout. It is found by `PATH` and run without a shell, for each call anew. What says
 * "credentials not found" has none, and is no failure.
 *
 * @throws {CredentialHelperError} if the name is not one of letters, digits and `._-`; from its methods: if the program is missing, fails,
 *   takes too long, says more than 64 KiB, or answers with something else than credentials
 */
export function credentialHelper(name: string, options: CredentialHelperOptions = {}): WritableHelper {
  if (!NAME.test(name)) {
    throw new CredentialHelperError(
      name,
      `${quote(name)} is not the name of a credential helper: it has letters, digits and . _ -, at most 64; correct credHelpers or credsStore`,
    );
  }
  return new Program(name, options);
}

class Program implements WritableHelper {
  readonly #name: string;
  readonly #program: string;
  readonly #options: CredentialHelperOptions;

  constructor(name: string, options: CredentialHelperOptions) {
    this.#name = name;
    this.#program = `docker-credential-${name}`;
    this.#options = options;
  }

  async get(server: string, { signal }: HelperCallOptions = {}): Promise<HelperCredentials | undefined> {
    const stdout = await this.#run("get", server, signal);
    if (stdout === undefined) {
      return undefined;
    }
    const { Username: username, Secret: secret } = this.#parse(stdout);
    if (typeof username !== "string" || typeof secret !== "string") {
      throw this.#error("its answer has no Username and Secret; it does not keep to the protocol");
    }
    return { username, secret };
  }

  async store(
    server: string,
    { username, secret }: HelperCredentials,
    { signal }: HelperCallOptions = {},
  ): Promise<void> {
    const input = JSON.stringify({ ServerURL: server, Username: username, Secret: secret });
    if ((await this.#run("store", input, signal)) === undefined) {
      throw this.#error("it does not take credentials; log in by other means");
    }
  }

  async erase(server: string, { signal }: HelperCallOptions = {}): Promise<void> {
    await this.#run("erase", server, signal);
  }

  /** What the program says on stdout; undefined if it says that there are no credentials. */
  async #run(action: string, input: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { env = process.env, timeout = TIMEOUT } = this.#options;
    let ending: ProcessEnding;
    try {
      ending = await runProcess(this.#program, [action], input, { env, signal, timeout });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#startError(error);
    }
    const { code, stdout, stderr } = ending;
    if (code === 0) {
      return stdout;
    }
    if (NOT_FOUND.test(stdout) || NOT_FOUND.test(stderr)) {
      return undefined;
    }
    const ended = code === null ? "a signal" : `exit code ${code}`;
    throw this.#error(`it failed with ${ended} at ${action}${this.#reasonIn(stdout.trim(), action)}`);
  }

  /**
   * The protocol has errors told on stdout. JSON there may be a secret all the same, as may be what is told to whoever keeps one, and what the
   * program says to its developers on stderr.
   */
  #reasonIn(said: string, action: string): string {
    return said === "" || said.includes("{") || action === "store"
      ? `; run it by hand to see what it says: echo SERVER | ${this.#program} get`
      : `: ${quote(said)}`;
  }

  #parse(stdout: string): Record<string, unknown> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(stdout);
    } catch {
      // The engine's message may quote what stands there, which is most likely a secret.
    }
    if (typeof parsed !== "object" || parsed === null) {
      throw this.#error("its answer is not a JSON object; it does not keep to the protocol");
    }
    return { ...parsed };
  }

  #startError(cause: unknown): CredentialHelperError {
    if (cause instanceof ProcessLimitError) {
      return this.#error(`${cause.message}, and was ended`);
    }
    const code = errorCode(cause);
    if (code === "ENOENT") {
      const origin = ORIGINS.get(this.#name);
      return this.#error(
        `there is no such program on the PATH; install it${origin === undefined ? "" : ` (${origin})`}, or take ${this.#name} out of credHelpers and credsStore`,
        cause,
      );
    }
    return this.#error(`it cannot be run (${code ?? "for an unknown reason"})`, cause);
  }

  #error(what: string, cause?: unknown): CredentialHelperError {
    return new CredentialHelperError(
      this.#name,
      `credential helper ${this.#program}: ${what}`,
      cause === undefined ? {} : { cause },
    );
  }
}
