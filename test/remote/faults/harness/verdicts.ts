import type { ErrorCode } from "../../../../src/core/error.js";
import type { Cell, Family } from "./calamities.js";
import type { Flow } from "./flow.js";
import type { Kind } from "./steps.js";

/**
 * How the client deals with a step that goes wrong. "request": it is made again, on its own, by statuses. "attempt": what it belongs to
 * is begun anew, by what the registry says of itself. "body": as that, but it carries what can be sent once. "stream": it carries what
 * can be had once, and is begun anew as long as none of that was taken. "chunk": the registry is asked what it has. "question": that question. "mount": it only spares sending. "clean-up":
 * nobody waits for how it ends.
 */
export type Manner = "request" | "attempt" | "body" | "stream" | "chunk" | "question" | "mount" | "clean-up";

const MANNERS: Readonly<Record<Kind, Manner>> = {
  ping: "request",
  token: "request",
  "HEAD manifest": "request",
  "GET manifest": "request",
  "PUT manifest": "attempt",
  "DELETE manifest": "request",
  "GET referrers": "request",
  "GET referrers tag": "request",
  "PUT referrers tag": "attempt",
  "HEAD blob": "attempt",
  "GET blob": "request",
  "GET blob rest": "request",
  "GET store": "request",
  "GET store rest": "request",
  "POST mount": "mount",
  "POST upload": "attempt",
  "PATCH stream": "stream",
  "PATCH known": "body",
  "PATCH chunk of stream": "chunk",
  "PATCH chunk of known": "chunk",
  "GET upload": "question",
  "PUT commit of stream": "attempt",
  "PUT commit of known": "attempt",
  "PUT whole": "body",
  "DELETE upload": "clean-up",
  "GET tags": "request",
  "GET catalog": "request",
  elsewhere: "request",
};

/** What should come of a step that is struck once, and of one that is struck whenever it is tried. */
type Ends = readonly [once: End, always: End];

/**
 * "survives": as without a fault. "otherwise": it succeeds, in another way than without a fault. "fails": with the error that the calamity is.
 * Otherwise the code of another error, which tells of the calamity all the same.
 */
export type End = "survives" | "otherwise" | "fails" | ErrorCode;

const PASSES: Ends = ["survives", "fails"];
const STANDS: Ends = ["fails", "fails"];
const SPARED: Ends = ["survives", "survives"];

type Row = Partial<Record<Manner, Ends>>;

/** Whatever can be sent again is. */
const SENT_AGAIN: Row = {
  request: PASSES,
  attempt: PASSES,
  body: PASSES,
  chunk: PASSES,
  question: PASSES,
  mount: SPARED,
};
/** An answer may come before a stream was touched, which can then be sent, too. */
const ANSWERED: Row = { ...SENT_AGAIN, stream: PASSES };
/** Only the status speaks for another try: the registry says nothing of itself, or that it stands. */
const BY_STATUS: Row = { request: PASSES, chunk: PASSES, question: PASSES, mount: SPARED };

/** By family, for each manner: whether it is worth another try. The rest of the manners and families stands. */
const TABLE: Readonly<Record<Family, Row>> = {
  "a status that passes": ANSWERED,
  "a status of a proxy that passes": BY_STATUS,
  "a status that passes, with a code that stands": BY_STATUS,
  "a status that stands": { mount: SPARED },
  "a redirect that leads nowhere": { mount: SPARED },
  "a success that is none": { mount: SPARED },
  "credentials that have ended": ANSWERED,
  "a broken connection": SENT_AGAIN,
  "no connection": { chunk: PASSES, question: PASSES, mount: SPARED },
  "a broken body": { request: PASSES, attempt: PASSES, mount: SPARED },
  "a short body": { mount: SPARED },
  silence: {},
  "an odd Location": { mount: SPARED },
  "an odd Range": { chunk: SPARED },
  "an upload that is lost": {},
  "a wrong digest": {},
};

/** What is otherwise for some steps and calamities. Of several that apply, the first counts. */
interface Exception {
  readonly kinds: readonly Kind[];
  readonly calamity: RegExp;
  readonly ends: Ends;
  /** Why. */
  readonly as: string;
  readonly when?: (flow: Flow, cell: Cell) => boolean;
}

const CHUNKS: readonly Kind[] = ["PATCH chunk of stream", "PATCH chunk of known"];
const ANEW: Ends = ["survives", "ERR_VARVE_UPLOAD_LOST"];
const LOST: Ends = ["ERR_VARVE_UPLOAD_LOST", "ERR_VARVE_UPLOAD_LOST"];
const MISSED: Ends = ["ERR_VARVE_PROTOCOL", "ERR_VARVE_PROTOCOL"];
const UNSAFE: Ends = ["ERR_VARVE_UNSAFE_LOCATION", "ERR_VARVE_UNSAFE_LOCATION"];
const BROKEN: Ends = ["ERR_VARVE_NETWORK", "ERR_VARVE_NETWORK"];

const EXCEPTIONS: readonly Exception[] = [
  {
    kinds: ["HEAD blob"],
    calamity: /^404/,
    ends: SPARED,
    as: "the blob is sent",
    when: ({ reads, code }) => reads !== true && code === undefined,
  },
  { kinds: ["HEAD blob"], calamity: /^503 DENIED/, ends: PASSES, as: "an answer to HEAD has no code" },
  {
    kinds: ["HEAD manifest"],
    calamity: /^40[34]/,
    ends: SPARED,
    as: "it is taken not to be there",
    when: isPush,
  },
  {
    kinds: ["PUT commit of known", "token"],
    calamity: /^413/,
    ends: PASSES,
    as: "the blob is sent in chunks",
    when: ({ free }) => free === true,
  },
  {
    kinds: ["PATCH stream", "PATCH known", "PUT whole"],
    calamity: /^401/,
    ends: PASSES,
    as: "the token may have ended",
  },
  {
    kinds: ["PATCH stream"],
    calamity: /^the connection breaks before the request/,
    ends: PASSES,
    as: "nothing of it was taken",
  },
  {
    kinds: ["PUT commit of known", "PUT whole"],
    calamity: /^the answer is lost/,
    ends: SPARED,
    as: "the blob is found",
  },
  { kinds: CHUNKS, calamity: /^the answer is lost|in the middle/, ends: SPARED, as: "some bytes have come" },
  { kinds: CHUNKS, calamity: /^501/, ends: PASSES, as: "the registry blames itself" },
  {
    kinds: CHUNKS,
    calamity: /^41[36]/,
    ends: PASSES,
    as: "smaller chunks are tried",
    when: ({ smallest = [] }, { step }) => !smallest.includes(`${step.kind} ${step.nth}`),
  },
  {
    kinds: ["PATCH chunk of known"],
    calamity: /^4(04|10) without a code|^the upload has ended/,
    ends: ANEW,
    as: "the layer can be sent again",
  },
  {
    kinds: ["PATCH chunk of stream"],
    calamity: /^4(04|10) without a code|^the upload has ended/,
    ends: LOST,
    as: "the bytes are gone",
  },
  { kinds: CHUNKS, calamity: /^a chunk that is forgotten/, ends: PASSES, as: "it is sent again" },
  { kinds: ["GET upload"], calamity: /^501/, ends: PASSES, as: "the registry blames itself" },
  {
    kinds: ["GET upload"],
    calamity: /^4(04|10) without a code|^the upload has ended/,
    ends: LOST,
    as: "it is gone",
  },
  {
    kinds: ["GET upload"],
    calamity: /^no Range|^a Range that is none/,
    ends: LOST,
    as: "that means nothing",
  },
  { kinds: ["GET upload"], calamity: /^no Location/, ends: SPARED, as: "the last one stays" },
  {
    kinds: ["GET upload"],
    calamity: /^30[137] without|no URL|beyond/,
    ends: MISSED,
    as: "nothing is sent blindly",
  },
  { kinds: ["GET upload"], calamity: /^20[024] and/, ends: LOST, as: "that means nothing" },
  {
    kinds: ["GET upload"],
    calamity: /^a Location (within|without|with a password)/,
    ends: UNSAFE,
    as: "it is said before all",
  },
  {
    kinds: ["GET blob rest", "GET store rest"],
    calamity: /^20[06] and/,
    ends: BROKEN,
    as: "nothing came after the connection broke",
  },
  {
    kinds: ["GET blob", "GET blob rest", "GET store", "GET store rest"],
    calamity: /^the answer breaks off in the middle/,
    ends: SPARED,
    as: "the rest is asked for",
  },
  {
    kinds: ["GET manifest"],
    calamity: /^another digest/,
    ends: ["ERR_VARVE_VERIFICATION", "ERR_VARVE_VERIFICATION"],
    as: "it has another",
    when: (_, { step }) => step.nth === 1,
  },
  {
    kinds: ["GET manifest"],
    calamity: /^another digest/,
    ends: SPARED,
    as: "it has the one that was asked for",
  },
  {
    kinds: ["GET manifest"],
    calamity: /^200 and/,
    ends: ["ERR_VARVE_VERIFICATION", "ERR_VARVE_VERIFICATION"],
    as: "it was asked for by digest",
    when: (_, { step }) => step.nth > 1,
  },
  {
    kinds: ["GET manifest"],
    calamity: /^200 and/,
    ends: ["ERR_VARVE_UNSUPPORTED", "ERR_VARVE_UNSUPPORTED"],
    as: "what has no media type is no index",
    when: ({ name }) => name.includes("index"),
  },
  {
    kinds: ["GET referrers tag"],
    calamity: /^200 and/,
    ends: ["ERR_VARVE_JSON", "ERR_VARVE_JSON"],
    as: "it is none",
    when: ({ reads }) => reads === true,
  },
  { kinds: ["PUT referrers tag"], calamity: /^the answer is lost/, ends: SPARED, as: "it is listed then" },
  {
    kinds: ["DELETE upload"],
    calamity: /^no answer/,
    ends: ["ERR_VARVE_ABORTED", "ERR_VARVE_ABORTED"],
    as: "there was more to do",
    when: ({ free }) => free === true,
  },
  {
    kinds: ["GET referrers"],
    calamity: /^(400|404|405|501)/,
    ends: ["otherwise", "otherwise"],
    as: "the tag is read",
  },
  { kinds: ["GET referrers tag"], calamity: /^404/, ends: ["otherwise", "otherwise"], as: "there are none" },
  { kinds: ["PUT referrers tag"], calamity: /^412/, ends: PASSES, as: "somebody else wrote to it" },
  { kinds: ["DELETE manifest"], calamity: /^the answer is lost/, ends: PASSES, as: "it is gone" },
];

function isPush({ reads }: Flow): boolean {
  return reads !== true;
}

/**
 * How often a step is tried that fails whenever it is tried, where once would have been survived; undefined where that depends on more than the
 * step.
 */
export function triesOf({ free, branches }: Flow, { step, calamity }: Cell): number | undefined {
  if (free === true || branches === true || CHUNKS.includes(step.kind) || step.kind.endsWith("rest"))
    return undefined;
  if (calamity.tells.status === 401) return 2;
  return calamity.tells.status === 412 ? 6 : 3;
}

/** What should come of a cell of a flow. */
export function verdictOf(flow: Flow, cell: Cell): End {
  const { kind } = cell.step;
  const { name, family } = cell.calamity;
  if (flow.recovers === true) return "survives";
  const manner = flow.manners?.[kind] ?? MANNERS[kind];
  const exception = EXCEPTIONS.find(
    ({ kinds, calamity, when }) =>
      kinds.includes(kind) && calamity.test(name) && (when?.(flow, cell) ?? true),
  );
  const ends = exception?.ends ?? (manner === "clean-up" ? SPARED : (TABLE[family][manner] ?? STANDS));
  return ends[cell.always ? 1 : 0];
}
