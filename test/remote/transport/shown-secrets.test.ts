import { describe, expect, it } from "vitest";
import { ShownSecrets } from "../../../src/remote/transport/shown-secrets.js";

const BARE = new URL("https://r.example/v2/");

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function afterShowing(authorization: string, url = BARE): (text: string) => string {
  const secrets = new ShownSecrets();
  secrets.note({ url, authorization });
  return secrets.conceal;
}

describe("ShownSecrets", () => {
  const conceal = afterShowing(basic("ada", 'p"ss&wörd/+'));

  it.each([
    ["as it is", 'no p"ss&wörd/+ here'],
    ["in other capitals, as in a host", 'no P"SS&WÖRD/+ here'],
    ["in JSON", 'no p\\"ss&wörd/+ here'],
    ["in Go's JSON", 'no p\\"ss\\u0026wörd/+ here'],
    ["in PHP's JSON", 'no p\\"ss&wörd\\/+ here'],
    ["in a URL", "no p%22ss%26w%C3%B6rd%2F%2B here"],
    ["in a form", "no p%22ss%26w%C3%B6rd%2F%2B here"],
    ["in Authorization", `no ${basic("ada", 'p"ss&wörd/+').slice(6)} here`],
    ["in base64", `no ${Buffer.from('p"ss&wörd/+').toString("base64")} here`],
    ["in base64 for URLs", `no ${Buffer.from('p"ss&wörd/+').toString("base64url")} here`],
  ])("takes a password out that stands there %s", (_, text) => {
    expect(conceal(text)).toMatch(/^no REDACTED.{0,3} here$/);
  });

  it.each([0, 1, 2, 3, 4])("takes a token out of base64 that begins %i bytes before it", (before) => {
    const hidden = afterShowing("Bearer token-of-some-length");
    const text = Buffer.from(`${"x".repeat(before)}token-of-some-length, and so on`).toString("base64");
    const left = Buffer.from(hidden(text).replace("REDACTED", ""), "base64").toString();
    expect(left).not.toContain("of-some");
  });

  it("takes the values of queries out, but those that are no secrets", () => {
    const url = new URL("https://cdn.example/b?X-Sig=abc%2Fdefgh&n=100&digest=sha256:abcdef&key-alone-12");
    const text = "X-Sig=abc%2Fdefgh abc/defgh n=100 sha256:abcdef key-alone-12";
    expect(afterShowing("", url)(text)).toBe("REDACTED REDACTED n=100 sha256:abcdef REDACTED");
  });

  it("leaves user names, and what stands in any text by chance", () => {
    expect(afterShowing(basic("adalovelace", "abc"))("adalovelace: abc")).toBe("adalovelace: abc");
    const url = new URL("https://cdn.example/b?force=true");
    expect(afterShowing("", url)("true, force=true")).toBe("true, REDACTED");
  });

  it("knows nothing at first, and takes what is no Authorization of any scheme for nothing", () => {
    expect(new ShownSecrets().conceal("anything")).toBe("anything");
    expect(afterShowing("Basic")("Basic")).toBe("Basic");
    expect(afterShowing("Basic ***not base64***")("a ***not base64*** b")).toBe("a REDACTED b");
  });

  it("remembers what is shown again and again, however much else was shown since", () => {
    const secrets = new ShownSecrets();
    for (let n = 0; n < 1000; n++) {
      secrets.note({
        url: new URL(`https://r.example/v2/?_state=state-number-${n}`),
        authorization: "Bearer steady",
      });
      secrets.note({ url: BARE, authorization: `Bearer token-number-${n}` });
    }
    expect(secrets.conceal("steady")).toBe("REDACTED");
    expect(secrets.conceal("token-number-999 token-number-990")).toBe("REDACTED REDACTED");
    expect(secrets.conceal("state-number-999")).toBe("REDACTED");
    expect(secrets.conceal("token-number-1,")).toBe("token-number-1,");
  });
});
