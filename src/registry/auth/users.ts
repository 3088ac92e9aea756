import { RegistryOptionsError } from "../options-error.js";

/**
 * Who may use a registry: passwords by user name, or a function that judges the two. Whoever is a user may do everything.
 */
export type Users =
  | Readonly<Record<string, string>>
  | ((name: string, password: string) => boolean | Promise<boolean>);

/** Judges a user name and a password. */
export type CheckUser = (name: string, password: string) => Promise<boolean>;

/**
 * Makes the judge. It compares passwords in a time that does not tell how much of one was right.
 *
 * @throws {RegistryOptionsError} if there is no user, or a name that HTTP's Basic scheme cannot carry
 */
export function checkerOf(users: Users): CheckUser {
  if (typeof users === "function") return async (name, password) => users(name, password);
  const passwords = new Map(Object.entries(users));
  if (passwords.size === 0) throw new RegistryOptionsError("auth.users is empty, so nobody could log in");
  for (const name of passwords.keys()) {
    if (name !== "" && !name.includes(":")) continue;
    throw new RegistryOptionsError(
      `auth.users has the name ${JSON.stringify(name)}: it must not be empty or have a colon`,
    );
  }
  return async (name, password) => {
    const right = await isSame(passwords.get(name) ?? "", password);
    return right && passwords.has(name);
  };
}

/** The user name and password of an `Authorization` header of the Basic scheme (RFC 7617); undefined if it is none. */
export function basicCredentials(header: string): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/iu.exec(header.trim()) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const colon = text.indexOf(":");
    return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}

async function isSame(expected: string, given: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(expected), digest(given)]);
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] as number);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
