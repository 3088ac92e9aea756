import { quote } from "../v1/quote.js";

/** Where credentials came from; holds no secret. */
export interface CredentialSource {
  /** The host of the registry that they are for, and `:port` if it has one. */
  readonly registry: string;
  /** The file, or whatever else, that they stand in or that names the helper. */
  readonly from: string;
  /** The helper that gave them, and the setting that names it. */
  readonly helper?: { readonly name: string; readonly setting: "credHelpers" | "credsStore" };
}

/** Told where credentials came from, each time that some were found. */
export type CredentialSourceListener = (source: CredentialSource) => void;

/** One line for people, such as `credentials for registry.example: from /root/.docker/config.json (credsStore desktop)`. */
export function describeSource({ registry, from, helper }: CredentialSource): string {
  const through = helper === undefined ? "" : ` (${helper.setting} ${helper.name})`;
  return `credentials for ${registry}: from ${readable(from)}${through}`;
}

/** A file's name as it is, unless it could steer a terminal. */
export function readable(path: string): string {
  return /^[ -~]+$/.test(path) ? path : quote(path);
}
