import type { Access } from "./access.js";

/** What a token says. */
export interface TokenClaims {
  /** The user; empty for nobody in particular. */
  readonly subject: string;
  /** What it opens: the registry, for a while, or the token endpoint. */
  readonly use: "access" | "refresh";
  readonly access: readonly Access[];
  /** When it ends, as `Date.now()` tells it; undefined if it ends with its registry. */
  readonly expires: number | undefined;
}

/** Longest token that is looked at, in characters. */
const LONGEST = 16 * 1024;

const HEADER = encode(new TextEncoder().encode(JSON.stringify({ alg: "HS256", typ: "JWT" })));

/**
 * Makes tokens and knows its own again: JSON Web Tokens (RFC 7519) that are signed with HMAC-SHA-256 under a key which no one
 * else has and which ends with this object. Nothing is remembered of a token, so there can be any number.
 */
export class TokenSigner {
  #key: Promise<CryptoKey> | undefined;

  /** No two tokens are equal, whatever they say. */
  async sign({ subject, use, access, expires }: TokenClaims): Promise<string> {
    const claims = {
      sub: subject,
      use,
      access,
      jti: crypto.randomUUID(),
      iat: Date.now() / 1000,
      ...(expires === undefined ? {} : { exp: expires / 1000 }),
    };
    const signed = `${HEADER}.${encode(new TextEncoder().encode(JSON.stringify(claims)))}`;
    const mac = await crypto.subtle.sign("HMAC", await this.#ready(), new TextEncoder().encode(signed));
    return `${signed}.${encode(new Uint8Array(mac))}`;
  }

  /** What a token says; undefined if it is none of this signer's. Whether it has expired is the caller's to see. */
  async verify(token: string): Promise<TokenClaims | undefined> {
    const [header, payload = "", mac = "", ...rest] = token.length > LONGEST ? [] : token.split(".");
    const [macBytes, payloadBytes] = [decode(mac), decode(payload)];
    if (header !== HEADER || rest.length > 0 || macBytes === undefined || payloadBytes === undefined)
      return undefined;
    const signed = new TextEncoder().encode(`${HEADER}.${payload}`);
    if (!(await crypto.subtle.verify("HMAC", await this.#ready(), macBytes, signed))) return undefined;
    const { sub, use, access, exp } = JSON.parse(new TextDecoder().decode(payloadBytes)) as {
      readonly sub: string;
      readonly use: TokenClaims["use"];
      readonly access: readonly Access[];
      readonly exp?: number;
    };
    return { subject: sub, use, access, expires: exp === undefined ? undefined : exp * 1000 };
  }

  /** The key, which is made once; a failure to make it is not kept. */
  #ready(): Promise<CryptoKey> {
    if (this.#key !== undefined) return this.#key;
    const key = crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
    key.catch(() => {
      this.#key = undefined;
    });
    this.#key = key;
    return key;
  }
}

/** Base64 for URLs, without padding (RFC 4648, section 5). */
function encode(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/u.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}
