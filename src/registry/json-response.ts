/** A response with a JSON body of known length. */
export function jsonResponse(
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Response {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/json", ...headers, "Content-Length": String(body.length) },
  });
}
