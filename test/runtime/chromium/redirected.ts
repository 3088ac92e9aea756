import { newDigest } from "varve/name";
import { layer } from "varve/remote";
import { equal } from "../../portable/assert.js";
import { readToEnd } from "../../portable/chunks.js";
import { runSuites, type Suite } from "../../portable/runner.js";
import { handIn } from "./hand-in.js";

/** Where the page's registry and its store are, and which blob they have; told behind the page's address. */
const {
  registry = "",
  store = "",
  digest = "",
} = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

/** The browser's own, but for https, which nothing here speaks: a page's attempt would count as one that failed. */
const plain: typeof fetch = async (input, init) => {
  if (String(input).startsWith("https:")) throw new TypeError("nothing here speaks https");
  return fetch(input, init);
};

async function shownTo(host: string): Promise<string> {
  const shown: { method: string; authorization: string | null }[] = await (
    await fetch(`http://${host}/shown`)
  ).json();
  return shown.map(({ method, authorization }) => `${method} ${authorization}`).join(", ");
}

/** A browser follows the redirects of a read on its own, and shows no page where they lead. */
const redirected: Suite = (test) => {
  test("a blob that a registry redirects to another origin is read from there, which never sees the credentials", async () => {
    const auth = { authorization: async () => ({ username: "me", password: "secret" }) };
    const blob = await layer(newDigest(`${registry}/app@${digest}`), { fetch: plain, auth });
    const bytes = await readToEnd(await blob.compressed());
    equal(bytes.length, await blob.size(), "the length of the blob");
    const basic = `Basic ${btoa("me:secret")}`;
    equal(await shownTo(registry), `GET null, GET ${basic}, HEAD ${basic}`, "what the registry was shown");
    equal(await shownTo(store), "GET null, HEAD null", "what the store was shown");
  });
};

handIn(runSuites("chromium", "", [redirected]));
