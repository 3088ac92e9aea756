import { jsonResponse } from "./json-response.js";
import { RefusalError } from "./refusal.js";
import type { RegistryState } from "./state.js";

/**
 * GET of a repository's tags (OCI distribution-spec v1.1, "Listing Tags"), in the order of their characters' codes. With `n`, at
 * most that many; with `last`, those after it; when some are left, `Link` names the next page.
 *
 * @throws {RefusalError} 404 NAME_UNKNOWN if nothing was ever pushed to the repository, 400 UNSUPPORTED for an `n` that is no
 *   number
 */
export async function listTags(
  state: RegistryState,
  request: Request,
  repository: string,
): Promise<Response> {
  const tags = await state.storage.manifests.tags(repository);
  if (tags === undefined) {
    throw new RefusalError(404, "NAME_UNKNOWN", `nothing was ever pushed to repository ${repository}`, {
      detail: { repository },
    });
  }
  const page = cutPage(request, tags);
  return jsonResponse({ name: repository, tags: page.items }, linkTo(page.next));
}

/** GET of all repositories' names; Docker's `_catalog`, paged as {@link listTags} is. */
export async function listRepositories(state: RegistryState, request: Request): Promise<Response> {
  const page = cutPage(request, await state.storage.manifests.repositories());
  return jsonResponse({ repositories: page.items }, linkTo(page.next));
}

interface Page {
  readonly items: readonly string[];
  /** Where the next page is, if there is one. */
  readonly next: string | undefined;
}

function cutPage(request: Request, names: readonly string[]): Page {
  const { pathname, searchParams } = new URL(request.url);
  const count = searchParams.get("n");
  if (count !== null && !/^\d{1,15}$/u.test(count)) {
    throw new RefusalError(400, "UNSUPPORTED", `n=${count.slice(0, 40)} is not a number of entries`);
  }
  const last = searchParams.get("last") ?? "";
  const rest = names.filter((name) => name > last).sort();
  const items = count === null ? rest : rest.slice(0, Number(count));
  const end = items.at(-1);
  if (items.length === rest.length || end === undefined) return { items, next: undefined };
  return { items, next: `${pathname}?n=${count}&last=${encodeURIComponent(end)}` };
}

function linkTo(next: string | undefined): Record<string, string> {
  return next === undefined ? {} : { Link: `<${next}>; rel="next"` };
}
