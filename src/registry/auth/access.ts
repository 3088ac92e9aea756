import { isRepositoryName } from "../grammar.js";
import type { Route } from "../route.js";

/** Something that may be done to one thing, as tokens and challenges name it: `repository:some/name:pull,push`. */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/**
 * What a request needs, as Docker's registry has it: reading is `pull`, everything about uploads and the writing of manifests is
 * `push` (asked for together with `pull`, which clients that push want next), removing is `delete`. A mount also pulls from
 * its source. The catalogue is `registry:catalog:*`, and `/v2/` needs nothing but a valid credential.
 */
export function accessFor(route: Route, request: Request): readonly Access[] {
  switch (route.kind) {
    case "base":
      return [];
    case "catalog":
      return [{ type: "registry", name: "catalog", actions: ["*"] }];
    case "tags":
    case "referrers":
      return [repository(route.repository, "pull")];
    case "upload":
      return [repository(route.repository, "pull", "push")];
    case "uploads": {
      const push = repository(route.repository, "pull", "push");
      const query = new URL(request.url).searchParams;
      const from = query.get("from");
      if (query.get("mount") === null || from === null || !isRepositoryName(from)) return [push];
      return [push, repository(from, "pull")];
    }
    case "blob":
    case "manifest":
      return [repository(route.repository, ...actionsOf(request.method))];
  }
}

/** Whether only what anybody may do with `anonymousPull` is needed: reading repositories that one can name. */
export function isPull(needed: readonly Access[]): boolean {
  return needed.length > 0 && needed.every((access) => isCovered(access, anonymousPart([access])));
}

/** What is left of a wish without a user: pulling. */
export function anonymousPart(wished: readonly Access[]): readonly Access[] {
  return wished.flatMap((access) =>
    access.type === "repository" && covers(access.actions, "pull") ? [{ ...access, actions: ["pull"] }] : [],
  );
}

/** Whether what was granted is enough for what is needed. */
export function isCovered(needed: Access, granted: readonly Access[]): boolean {
  return needed.actions.every((action) =>
    granted.some(
      ({ type, name, actions }) => type === needed.type && name === needed.name && covers(actions, action),
    ),
  );
}

/** As scopes write it: `type:name:action,action`. */
export function formatScope({ type, name, actions }: Access): string {
  return `${type}:${name}:${actions.join(",")}`;
}

/**
 * Reads a scope. A name may have a host with a port before it, so the last colon ends it.
 *
 * @returns undefined if the text is none
 */
export function parseScope(text: string): Access | undefined {
  const [, type, name, actions] = /^([a-z]+)(?:\([a-z]*\))?:([^\s"\\]+):([a-z*,]*)$/u.exec(text) ?? [];
  if (type === undefined || name === undefined || actions === undefined) return undefined;
  return { type, name, actions: actions.split(",").filter((action) => action !== "") };
}

function repository(name: string, ...actions: string[]): Access {
  return { type: "repository", name, actions };
}

function actionsOf(method: string): string[] {
  if (method === "DELETE") return ["delete"];
  return method === "PUT" ? ["pull", "push"] : ["pull"];
}

function covers(actions: readonly string[], action: string): boolean {
  return actions.includes(action) || actions.includes("*");
}
