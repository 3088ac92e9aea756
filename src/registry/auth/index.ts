import { RegistryOptionsError } from "../options-error.js";
import { type BasicAuth, BasicGuard } from "./basic-guard.js";
import { type BearerAuth, BearerGuard } from "./bearer-guard.js";
import type { Guard } from "./guard.js";

export { accessFor } from "./access.js";
export type { BasicAuth } from "./basic-guard.js";
export type { BearerAuth } from "./bearer-guard.js";
export type { Guard, Pullable } from "./guard.js";
export type { Users } from "./users.js";

/** How a registry knows its users. */
export type RegistryAuth = BasicAuth | BearerAuth;

/** @throws {RegistryOptionsError} */
export function newGuard(auth: RegistryAuth): Guard {
  switch (auth.scheme) {
    case "basic":
      return new BasicGuard(auth);
    case "bearer":
      return new BearerGuard(auth);
    default:
      throw new RegistryOptionsError('auth.scheme is "basic" or "bearer"');
  }
}
