/** What the command exits with. These numbers are part of its interface, and do not change. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  authentication: 3,
  notFound: 4,
  network: 5,
  interrupted: 130,
} as const;

/** The codes of errors that have an exit code of their own. */
const BY_CODE: ReadonlyMap<unknown, number> = new Map([
  ["ERR_VARVE_USAGE", ExitCode.usage],
  ["ERR_VARVE_NAME", ExitCode.usage],
  ["ERR_VARVE_COMPRESSION_LEVEL", ExitCode.usage],
  ["ERR_VARVE_THREAD_COUNT", ExitCode.usage],
  ["ERR_VARVE_SERVE_OPTIONS", ExitCode.usage],
  ["ERR_VARVE_REGISTRY_OPTIONS", ExitCode.usage],
  ["ERR_VARVE_FETCH_OPTIONS", ExitCode.usage],
  ["ERR_VARVE_UNAUTHORIZED", ExitCode.authentication],
  ["ERR_VARVE_DENIED", ExitCode.authentication],
  ["ERR_VARVE_AUTH_CONFIG", ExitCode.authentication],
  ["ERR_VARVE_CREDENTIAL_FILE", ExitCode.authentication],
  ["ERR_VARVE_CREDENTIAL_HELPER", ExitCode.authentication],
  ["ERR_VARVE_NOT_FOUND", ExitCode.notFound],
  ["ERR_VARVE_NETWORK", ExitCode.network],
  ["ERR_VARVE_INTERRUPTED", ExitCode.interrupted],
]);

/** The exit code for an error that ended the command. */
export function exitCodeOf(error: unknown): number {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return BY_CODE.get(code) ?? ExitCode.failure;
}
