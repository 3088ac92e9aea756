import type { ErrorCode } from "../../../../src/core/error.js";
import { type Effect, faults } from "../../../../src/registry/index.js";
import type { Bench } from "./bench.js";
import {
  cutAnswer,
  cutRequest,
  endAnswer,
  failToSend,
  hangAfter,
  hangBefore,
  stallAnswer,
} from "./effects.js";
import type { Kind, Step } from "./steps.js";

/** Something that may go wrong with a step. */
export interface Calamity {
  readonly name: string;
  /** What it has in common with others, as far as the client should treat them alike. */
  readonly family: Family;
  /** What of its own an error must tell of it: the registry's status, or words that stand in a message. */
  readonly tells: { readonly status?: number; readonly words?: RegExp };
  /** The code of the error that it is, where the client can do nothing about it. */
  readonly code: (kind: Kind) => ErrorCode;
  /** The steps that it can strike. */
  readonly strikes: (kind: Kind) => boolean;
  readonly effect: (bench: Bench) => Effect;
  /** Whether it leaves the client without knowing an upload that was opened by that step. */
  readonly hidesUpload?: (kind: Kind) => boolean;
  /** How long it asks to be left alone, in milliseconds. */
  readonly asksFor?: number;
  /** Whether the client's `fetch` pays no heed to signals meanwhile. */
  readonly deaf?: boolean;
  /** How much faster than the clock timers run meanwhile. */
  readonly speed?: number;
}

export const FAMILIES = [
  "a status that passes",
  "a status of a proxy that passes",
  "a status that passes, with a code that stands",
  "a status that stands",
  "a redirect that leads nowhere",
  "a success that is none",
  "credentials that have ended",
  "a broken connection",
  "no connection",
  "a broken body",
  "a short body",
  "silence",
  "an odd Location",
  "an odd Range",
  "an upload that is lost",
  "a wrong digest",
] as const;

export type Family = (typeof FAMILIES)[number];

const any = (): boolean => true;
const among =
  (...kinds: readonly Kind[]) =>
  (kind: Kind): boolean =>
    kinds.includes(kind);

const CHUNKS = ["PATCH chunk of stream", "PATCH chunk of known"] as const;
const PATCHES = ["PATCH stream", "PATCH known", ...CHUNKS] as const;
const COMMITS = ["PUT commit of stream", "PUT commit of known", "PUT whole"] as const;
const opens = among("POST upload", "POST mount");

function isHead(kind: Kind): boolean {
  return kind.startsWith("HEAD");
}

const LACKS =
  /no token in|lacks|is no list|is no index|not JSON|not what it should be|no longer knows|something else|now has 0/;

/** The statuses that a step succeeds with, if the answer has what belongs to them. */
function dueOf(kind: Kind): readonly number[] {
  if (kind === "POST upload") return [202];
  if (kind.startsWith("PATCH")) return [201, 202, 204];
  if (kind === "PUT whole") return [201];
  if (kind === "GET upload") return [200, 202, 204];
  if (kind === "GET blob rest" || kind === "GET store rest") return [200, 206];
  return kind.startsWith("GET") || kind === "HEAD manifest" || kind === "token" ? [200] : [];
}

/** The error for an answer that lacks it. */
function lackingOf(kind: Kind): ErrorCode {
  if (kind === "GET upload") return "ERR_VARVE_UPLOAD_LOST";
  if (kind === "GET manifest") return "ERR_VARVE_JSON";
  if (kind.startsWith("GET blob") || kind.startsWith("GET store")) return "ERR_VARVE_VERIFICATION";
  return "ERR_VARVE_PROTOCOL";
}

/** Whether the client would go where a redirect with this status led. */
function isFollowed(kind: Kind, status: number): boolean {
  if (status === 307) return true;
  const hasNoBody = kind === "POST upload" || kind.startsWith("PUT commit");
  return !hasNoBody && (status === 301 || status === 303) && kind !== "DELETE manifest";
}

/** The statuses that a step succeeds with, as far as nothing else is needed beside. */
function successesOf(kind: Kind): readonly number[] {
  if (["ping", "HEAD blob", "GET referrers"].includes(kind)) return [200];
  if (kind.startsWith("PUT commit")) return [201];
  if (kind.startsWith("PUT") && kind !== "PUT whole") return [200, 201, 202];
  if (kind === "DELETE manifest") return [200, 202];
  if (kind === "POST mount") return [201];
  return [];
}

/** Whether the body of the answer counts. */
const reads = among(
  "token",
  "GET manifest",
  "GET referrers",
  "GET referrers tag",
  "GET blob",
  "GET blob rest",
  "GET store",
  "GET store rest",
  "GET tags",
  "GET catalog",
);
const sends = among(...PATCHES, "PUT whole", "PUT manifest", "PUT referrers tag");

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: "ERR_VARVE_UNAUTHORIZED",
  403: "ERR_VARVE_DENIED",
  404: "ERR_VARVE_NOT_FOUND",
};

function refusal(family: Family, status: number, code: string | undefined, headers = {}): Calamity {
  return {
    name: `${status} ${code ?? "without a code"}${Object.keys(headers).length > 0 ? `, ${JSON.stringify(headers)}` : ""}`,
    family,
    tells: { status },
    code: () => CODES[status] ?? "ERR_VARVE_REGISTRY",
    strikes: any,
    effect: () =>
      faults.status(status, code === undefined ? { body: "<p>no</p>", headers } : { code, headers }),
  };
}

const PASSING = [408, 429, 500, 502, 503, 504];
const STANDING = [400, 403, 404, 405, 409, 410, 411, 412, 413, 416, 451, 501];
const CODED = [400, 403, 404, 410, 413, 416];

const statuses: readonly Calamity[] = [
  ...PASSING.map((status) => refusal("a status that passes", status, undefined)),
  refusal("a status that passes", 429, "TOOMANYREQUESTS"),
  refusal("a status that passes", 503, "UNAVAILABLE"),
  { ...refusal("a status that passes", 429, undefined, { "retry-after": "7" }), asksFor: 7000 },
  refusal("a status that passes", 503, undefined, { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }),
  refusal("a status of a proxy that passes", 499, undefined),
  refusal("a status of a proxy that passes", 522, undefined),
  refusal("a status that passes, with a code that stands", 503, "DENIED"),
  ...STANDING.map((status) => refusal("a status that stands", status, undefined)),
  ...CODED.map((status) => refusal("a status that stands", status, "UNSUPPORTED")),
  refusal("a status that stands", 401, "UNAUTHORIZED"),
  ...[300, 301, 303, 307].map(
    (status): Calamity => ({
      ...refusal("a redirect that leads nowhere", status, undefined),
      name: `${status} without Location`,
      code: (kind) => (isFollowed(kind, status) ? "ERR_VARVE_PROTOCOL" : "ERR_VARVE_REGISTRY"),
      effect: () => faults.status(status),
    }),
  ),
  ...[200, 201, 202, 204, 206].map(
    (status): Calamity => ({
      ...refusal("a success that is none", status, undefined),
      name: `${status} and nothing done`,
      tells: { status, words: LACKS },
      // A token server's success may hold a token, so it is not repeated as a refusal would be.
      code: (kind) =>
        kind === "token" || dueOf(kind).includes(status) ? lackingOf(kind) : "ERR_VARVE_REGISTRY",
      // What would be a success is a lie that no client can see through.
      strikes: (kind) => !successesOf(kind).includes(status),
      effect: () => faults.status(status),
    }),
  ),
  {
    name: "401 with a challenge",
    family: "credentials that have ended",
    tells: { status: 401 },
    code: () => "ERR_VARVE_UNAUTHORIZED",
    strikes: (kind) => !among("ping", "token", "GET store", "GET store rest")(kind),
    effect: () => faults.expireCredentials(),
  },
];

function broken(name: string, effect: () => Effect, rest: Partial<Calamity> = {}): Calamity {
  return {
    name,
    family: "a broken connection",
    tells: { words: /connection broke \(ECONNRESET\)/ },
    code: () => "ERR_VARVE_NETWORK",
    strikes: any,
    effect,
    ...rest,
  };
}

const network: readonly Calamity[] = [
  broken("the connection breaks before the request", () => faults.dropConnection()),
  broken("the answer is lost", () => faults.loseAnswer(), { hidesUpload: opens }),
  broken(
    "the connection breaks at the first byte of the body",
    () => faults.dropConnection({ afterBytes: 0 }),
    {
      strikes: sends,
    },
  ),
  broken("the connection breaks in the middle of the body", () => cutRequest(), { strikes: sends }),
  {
    name: "the connection is refused",
    family: "no connection",
    tells: { words: /connection was refused \(ECONNREFUSED\)/ },
    code: () => "ERR_VARVE_NETWORK",
    strikes: any,
    effect: () => failToSend("ECONNREFUSED"),
  },
  {
    name: "fetch fails without a reason",
    family: "no connection",
    tells: { words: /fetch failed/ },
    code: () => "ERR_VARVE_NETWORK",
    strikes: any,
    effect: () => failToSend(undefined),
  },
  ...[0, 0.5].map(
    (part): Calamity => ({
      name: `the answer breaks off ${part === 0 ? "at once" : "in the middle"}`,
      family: "a broken body",
      tells: { words: /connection broke \(ECONNRESET\)/ },
      code: () => "ERR_VARVE_NETWORK",
      strikes: reads,
      effect: () => cutAnswer(part),
    }),
  ),
  ...[true, false].map(
    (length): Calamity => ({
      name: `the answer ends after 10 bytes ${length ? "in spite of its Content-Length" : "without a Content-Length"}`,
      family: "a short body",
      tells: { words: /found .*\d+ bytes|JSON|is no list|something else/ },
      code: (kind) =>
        /^GET (blob|store|manifest|referrers tag)/.test(kind)
          ? "ERR_VARVE_VERIFICATION"
          : "ERR_VARVE_PROTOCOL",
      strikes: reads,
      effect: () => endAnswer(10, length),
    }),
  ),
];

function silent(
  name: string,
  effect: (giveUp: () => void) => Effect,
  rest: Partial<Calamity> = {},
): Calamity {
  return {
    name,
    family: "silence",
    tells: { words: /^enough$/ },
    code: () => "ERR_VARVE_ABORTED",
    strikes: any,
    effect: (bench) =>
      effect(() => {
        setImmediate(() => bench.controller.abort(new Error("enough")));
      }),
    speed: 10,
    ...rest,
  };
}

const silence: readonly Calamity[] = [
  silent("no answer, and the request is lost", hangBefore),
  silent("no answer, though the request was done", hangAfter, { hidesUpload: opens }),
  silent("no answer, by a fetch that heeds no signal", hangBefore, { deaf: true }),
  silent("the answer stalls at once", (giveUp) => stallAnswer(0, giveUp), {
    strikes: (kind) => !isHead(kind) && reads(kind),
  }),
  silent("the answer stalls after 10 bytes", (giveUp) => stallAnswer(10, giveUp), {
    strikes: (kind) => !isHead(kind) && reads(kind),
  }),
];

function place(
  name: string,
  location: string | null,
  code: ErrorCode,
  words: RegExp,
  rest: Partial<Calamity> = {},
): Calamity {
  return {
    name,
    family: "an odd Location",
    tells: { words },
    code: () => code,
    strikes: among("POST upload", "POST mount", ...PATCHES, "GET upload"),
    effect: () => faults.headers({ location }),
    hidesUpload: opens,
    ...rest,
  };
}

function range(name: string, value: string | null, words: RegExp): Calamity {
  return {
    name,
    family: "an odd Range",
    tells: { words },
    code: () => "ERR_VARVE_PROTOCOL",
    strikes: among(...CHUNKS, "GET upload"),
    effect: () => faults.headers({ range: value }),
  };
}

const protocol: readonly Calamity[] = [
  place("no Location", null, "ERR_VARVE_PROTOCOL", /missing Location/),
  place("a Location that is no URL", "https://[", "ERR_VARVE_PROTOCOL", /Location header is not a URL/),
  place(
    "a Location within the client's network",
    "https://10.0.0.1/v2/upload",
    "ERR_VARVE_UNSAFE_LOCATION",
    /refused to follow Location/,
  ),
  place(
    "a Location without encryption",
    "http://other.example/v2/upload",
    "ERR_VARVE_UNSAFE_LOCATION",
    /refused to follow Location/,
  ),
  place(
    "a Location with a password",
    "https://a:b@other.example/v2/upload",
    "ERR_VARVE_UNSAFE_LOCATION",
    /refused to follow Location/,
  ),
  place(
    "a Location at a host that is not there",
    "https://gone.example/v2/upload",
    "ERR_VARVE_NETWORK",
    /not found \(ENOTFOUND\)/,
    {
      hidesUpload: any,
    },
  ),
  range("no Range", null, /Range/),
  range("a Range that is none", "bytes */7", /Range/),
  range(
    "a Range beyond what was sent",
    "0-99999999",
    /then said that it has those to 99999999|has 100000000 bytes/,
  ),
  {
    ...range("a stale Range", null, /then said that it has/),
    strikes: among(...CHUNKS),
    effect: () => faults.staleRange(),
  },
  {
    ...range("a chunk that is forgotten", null, /then said that it has/),
    strikes: among(...CHUNKS),
    effect: () => faults.forgetBody(),
  },
  {
    name: "the upload has ended",
    family: "an upload that is lost",
    tells: { status: 404, words: /BLOB_UPLOAD_UNKNOWN|no longer knows the upload/ },
    code: () => "ERR_VARVE_NOT_FOUND",
    strikes: among(...PATCHES, ...COMMITS, "GET upload"),
    effect: () => faults.endSession(),
  },
  {
    name: "another digest",
    family: "a wrong digest",
    tells: { words: /sha256:0{64}/ },
    code: () => "ERR_VARVE_PROTOCOL",
    strikes: among(...COMMITS, "PUT manifest", "GET manifest"),
    effect: () => faults.headers({ "docker-content-digest": `sha256:${"0".repeat(64)}` }),
  },
  {
    name: "one bit of the answer is wrong",
    family: "a wrong digest",
    tells: { words: /found sha256:/ },
    code: () => "ERR_VARVE_VERIFICATION",
    strikes: among("GET manifest", "GET blob", "GET blob rest", "GET store", "GET store rest"),
    effect: () => faults.corruptAnswer(5),
  },
];

/** All that goes wrong. */
export const CALAMITIES: readonly Calamity[] = [...statuses, ...network, ...silence, ...protocol];

/** What one cell of the table is about. */
export interface Cell {
  readonly step: Step;
  readonly calamity: Calamity;
  /** Whether the step is struck whenever it is tried, or once. */
  readonly always: boolean;
}
