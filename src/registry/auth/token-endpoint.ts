import { jsonResponse } from "../json-response.js";
import { RefusalError } from "../refusal.js";
import { wholeBody } from "../request-body.js";
import { type Access, anonymousPart, formatScope, parseScope } from "./access.js";
import { BASIC_CHALLENGE, WRONG_CREDENTIALS } from "./basic-guard.js";
import { unauthorized } from "./guard.js";
import type { TokenSigner } from "./token.js";
import { basicCredentials, type CheckUser } from "./users.js";

/** What tokens are made by. */
export interface TokenIssuer {
  readonly check: CheckUser;
  readonly signer: TokenSigner;
  readonly anonymousPull: boolean;
  /** In milliseconds. */
  readonly tokenLifetime: number;
}

/** The path of the endpoint. */
export const TOKEN_PATH = "/token";

/** Longest form that is read, in bytes. */
const FORM_LIMIT = 64 * 1024;

/** Most scopes that one token is asked for. */
const MOST_SCOPES = 100;

/** What a client asks for. */
interface Wish {
  readonly scopes: readonly Access[];
  /** The user that it proved to be; empty for nobody. */
  readonly subject: string;
  /** Whether it wants a refresh token, too. */
  readonly offline: boolean;
}

/**
 * Gives a token: to GET with a user's Basic credentials, or none where anybody may pull (Docker's "Token Authentication
 * Specification"), and to POST with a form of the grant types `password` and `refresh_token` (its "OAuth2 Token Authentication").
 * A user gets what it asks for; nobody gets pulling.
 *
 * @throws {RefusalError} 401 UNAUTHORIZED for wrong credentials, 400 UNSUPPORTED for what is none of these requests
 */
export async function answerTokenRequest(issuer: TokenIssuer, request: Request): Promise<Response> {
  switch (request.method) {
    case "GET":
      return grant(issuer, await wishOfQuery(issuer, request));
    case "POST":
      return grant(issuer, await wishOfForm(issuer, request));
    default:
      throw new RefusalError(405, "UNSUPPORTED", `${request.method} is not for this path`, {
        headers: { Allow: "GET, POST" },
      });
  }
}

async function wishOfQuery({ check, anonymousPull }: TokenIssuer, request: Request): Promise<Wish> {
  const query = new URL(request.url).searchParams;
  const scopes = scopesOf(query);
  const header = request.headers.get("Authorization");
  if (header === null) {
    if (!anonymousPull) throw unauthorized(BASIC_CHALLENGE, "tokens are for users only; log in");
    return { scopes: anonymousPart(scopes), subject: "", offline: false };
  }
  const given = basicCredentials(header);
  if (given === undefined || !(await check(given.name, given.password))) {
    throw unauthorized(BASIC_CHALLENGE, WRONG_CREDENTIALS);
  }
  return { scopes, subject: given.name, offline: query.get("offline_token") === "true" };
}

async function wishOfForm({ check, signer }: TokenIssuer, request: Request): Promise<Wish> {
  const body = await wholeBody(request, FORM_LIMIT, { name: "form", code: "UNSUPPORTED" });
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const scopes = scopesOf(form);
  switch (form.get("grant_type")) {
    case "password": {
      const subject = form.get("username") ?? "";
      if (!(await check(subject, form.get("password") ?? "")))
        throw unauthorized(BASIC_CHALLENGE, WRONG_CREDENTIALS);
      return { scopes, subject, offline: form.get("access_type") === "offline" };
    }
    case "refresh_token": {
      const claims = await signer.verify(form.get("refresh_token") ?? "");
      if (claims?.use !== "refresh")
        throw unauthorized(BASIC_CHALLENGE, "the refresh token is none of this registry's");
      return { scopes, subject: claims.subject, offline: true };
    }
    default:
      throw new RefusalError(400, "UNSUPPORTED", "grant_type is neither password nor refresh_token");
  }
}

async function grant({ signer, tokenLifetime }: TokenIssuer, wish: Wish): Promise<Response> {
  const { scopes: access, subject, offline } = wish;
  const now = Date.now();
  const token = await signer.sign({ subject, use: "access", access, expires: now + tokenLifetime });
  const refresh = { subject, use: "refresh", access: [], expires: undefined } as const;
  return jsonResponse(
    {
      token,
      access_token: token,
      expires_in: Math.floor(tokenLifetime / 1000),
      issued_at: new Date(now).toISOString(),
      scope: access.map(formatScope).join(" "),
      ...(offline ? { refresh_token: await signer.sign(refresh) } : {}),
    },
    { "Cache-Control": "no-store" },
  );
}

/** Scopes come as one parameter each, or as one with spaces between them. */
function scopesOf(parameters: URLSearchParams): Access[] {
  const texts = parameters.getAll("scope").flatMap((text) => text.split(" ").filter((scope) => scope !== ""));
  if (texts.length > MOST_SCOPES) {
    throw new RefusalError(
      400,
      "UNSUPPORTED",
      `${texts.length} scopes are more than the ${MOST_SCOPES} that a token may have`,
    );
  }
  return texts.map((text) => {
    const scope = parseScope(text);
    if (scope !== undefined) return scope;
    throw new RefusalError(
      400,
      "UNSUPPORTED",
      `invalid scope ${JSON.stringify(text.slice(0, 200))}: expected one such as repository:some/name:pull,push`,
    );
  });
}
