/** Everything that a request has, as servers repeat it. */
export async function echoOf(request: Request): Promise<Record<string, unknown>> {
  return {
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body: new TextDecoder("latin1").decode(await request.clone().arrayBuffer()),
    authorization: request.headers.get("authorization") ?? "",
    decoded: decodedOf(request),
  };
}

export function decodedOf(request: Request): string {
  const [scheme, credentials = ""] = (request.headers.get("authorization") ?? "").split(" ");
  return scheme === "Basic" ? Buffer.from(credentials, "base64").toString() : credentials;
}

/** What stands in a header's value. */
export function shownIn(request: Request): string {
  return encodeURI(`${request.headers.get("authorization")} ${decodedOf(request)}`).replaceAll('"', "%22");
}

/** Go escapes what HTML would take for its own. */
export function asGo(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

/** As some encoders do that trust nobody. */
export function asHex(value: unknown): string {
  return JSON.stringify(value).replace(/[^\\"{}[\]:,]/g, (one, at: number, all: string) =>
    all[at - 1] === "\\" ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** An answer of the protocol's form that repeats a request wherever it can. */
export function errorsOf(echo: object): object {
  return {
    errors: [
      {
        code: "DENIED",
        message: `no: ${JSON.stringify(echo)}`,
        detail: { ...echo, [JSON.stringify(echo)]: [echo] },
      },
      {
        code: String(Reflect.get(echo, "decoded")) || "NONE",
        message: String(Reflect.get(echo, "authorization")),
      },
    ],
  };
}
