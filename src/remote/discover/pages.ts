import type { Connection } from "../auth/connection.js";
import { readBounded } from "../read/read-bounded.js";
import { printable } from "../transport/printable.js";
import { ProtocolError, UnsafeLocationError } from "../transport/protocol-error.js";
import { redactURL, redactURLsIn } from "../transport/redact.js";
import { RegistryError } from "../transport/registry-error.js";
import { readBody } from "../transport/response-body.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Answer } from "../transport/transport.js";

/** The pages that are read at most; a list that has more is taken for one that has no end. */
const MOST_PAGES = 10_000;

/** One value of `Link` (RFC 8288, section 3): a target and its parameters. */
const LINK = /[\s,]*<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:=(?:"[^"]*"|[^\s;,"]*))?)*)\s*(?:,|$)/y;
const RELATION = /;\s*rel=(?:"([^"]*)"|([^\s;,"]*))/i;

/** Where a list is, and how it is read. */
export interface PageQuery {
  readonly connection: Connection;
  readonly retry: RetryPolicy;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxManifestBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One page of a list. */
export interface Page {
  readonly answer: Answer;
  readonly bytes: Uint8Array;
}

/**
 * Reads a list page by page, as far as the registry says that there is more of it (OCI distribution-spec, "Listing Tags"; RFC 8288).
 *
 * @throws {RegistryError} unless the registry answers 200
 * @throws {ProtocolError} if it says in a way that can't be read that there is more, or that of a page that was there before, or has no end of pages
 * @throws {UnsafeLocationError} if more is elsewhere
 */
export async function* pages(first: URL, query: PageQuery): AsyncGenerator<Page, void, undefined> {
  const seen = new Set<string>();
  for (let url: URL | undefined = first; url !== undefined; ) {
    if (seen.has(url.href)) {
      throw new ProtocolError(`GET ${redactURL(url)}: the registry's pages lead in a circle`);
    }
    if (seen.size === MOST_PAGES) {
      throw new ProtocolError(`GET ${redactURL(url)}: the list has more than ${MOST_PAGES} pages`);
    }
    seen.add(url.href);
    const page: Page = await readPage(url, query);
    yield page;
    url = nextOf(page.answer);
  }
}

function readPage(
  url: URL,
  { connection, retry, headers, maxManifestBytes, signal }: PageQuery,
): Promise<Page> {
  return retry.read(async () => {
    const answer = await connection.send({ method: "GET", url, signal, ...(headers ? { headers } : {}) });
    if (answer.response.status !== 200) {
      throw new RegistryError(answer, await readBody(answer.response, signal));
    }
    const what = `the list ${redactURL(url)}`;
    return { answer, bytes: await readBounded(answer, { signal, what, maxBytes: maxManifestBytes }) };
  }, signal);
}

/** Where the next page is; undefined if there is none. */
function nextOf(answer: Answer): URL | undefined {
  const link = answer.response.headers.get("link")?.trim() ?? "";
  if (link === "") {
    return undefined;
  }
  const links = linksOf(link);
  const target = links?.find(({ relations }) => relations.includes("next"))?.target;
  if (links !== undefined && target === undefined) {
    return undefined;
  }
  const next =
    target !== undefined && URL.canParse(target, answer.url) ? new URL(target, answer.url) : undefined;
  if (next === undefined) {
    throw new ProtocolError(
      `GET ${redactURL(answer.url)}: the Link header, which should name the next page, is malformed: ${printable(redactURLsIn(answer.conceal(link)), 96)}`,
    );
  }
  if (next.origin !== answer.url.origin || next.username !== "" || next.password !== "") {
    throw new UnsafeLocationError(
      answer.conceal(
        `GET ${redactURL(answer.url)}: refused to follow the list to ${redactURL(next)}: the next page is not on the same host`,
      ),
    );
  }
  return next;
}

/** What a `Link` header lists; undefined if it is malformed. */
function linksOf(header: string): readonly { target: string; relations: readonly string[] }[] | undefined {
  const links: { target: string; relations: readonly string[] }[] = [];
  for (LINK.lastIndex = 0; LINK.lastIndex < header.length; ) {
    const [found, target = "", parameters = ""] = LINK.exec(header) ?? [];
    if (found === undefined) {
      return undefined;
    }
    const [, quoted, bare = ""] = RELATION.exec(parameters) ?? [];
    links.push({ target, relations: (quoted ?? bare).toLowerCase().split(/\s+/) });
  }
  return links;
}
