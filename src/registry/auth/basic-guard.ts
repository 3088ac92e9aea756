import { type Access, isPull } from "./access.js";
import { type Guard, type Pullable, quoted, unauthorized } from "./guard.js";
import { basicCredentials, type CheckUser, checkerOf, type Users } from "./users.js";

/** User names and passwords with every request (RFC 7617). */
export interface BasicAuth {
  readonly scheme: "basic";
  readonly users: Users;
  /**
   * Whether anybody may pull and list the tags and referrers of repositories that they can name. `/v2/` asks for credentials all the
   * same, since clients that see none asked for there send none when they push. Default: false.
   */
  readonly anonymousPull?: boolean | undefined;
}

/** Asks for a user name and a password. */
export class BasicGuard implements Guard {
  readonly #check: CheckUser;
  readonly #anonymousPull: boolean;

  /** @throws {RegistryOptionsError} if there can be no user */
  constructor(options: BasicAuth) {
    this.#check = checkerOf(options.users);
    this.#anonymousPull = options.anonymousPull ?? false;
  }

  async admit(request: Request, needed: readonly Access[]): Promise<Pullable> {
    const header = request.headers.get("Authorization");
    const given = header === null ? undefined : basicCredentials(header);
    // Clients of containers/image that have no credentials send empty ones.
    const isNobody = header === null || (given?.name === "" && given.password === "");
    if (isNobody && this.#anonymousPull && isPull(needed)) return [];
    if (header === null) {
      throw unauthorized(BASIC_CHALLENGE, "this registry asks for a user name and a password");
    }
    if (given !== undefined && (await this.#check(given.name, given.password))) return undefined;
    throw unauthorized(BASIC_CHALLENGE, WRONG_CREDENTIALS);
  }

  async answer(): Promise<undefined> {
    return undefined;
  }
}

/** What asks for the Basic scheme. */
export const BASIC_CHALLENGE: string = `Basic realm=${quoted("varve")},charset="UTF-8"`;

/** Tells nobody whether it was the name or the password. */
export const WRONG_CREDENTIALS = "the user name or the password is wrong";
