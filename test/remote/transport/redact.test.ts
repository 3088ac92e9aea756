import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactURL } from "../../../src/remote/transport/redact.js";

describe("redactURL", () => {
  it.each([
    ["https://r.example/v2/", "https://r.example/v2/"],
    ["http://r.example:5000/v2/a%2Fb", "http://r.example:5000/v2/a%2Fb"],
    [
      "https://r.example/t?scope=s&service=v&mount=m&from=f&digest=sha256:0&n=1&last=x",
      "https://r.example/t?scope=s&service=v&mount=m&from=f&digest=sha256:0&n=1&last=x",
    ],
    ["https://r.example/u?_state=secret&digest=d", "https://r.example/u?_state=REDACTED&digest=d"],
    ["https://r.example/u?secret", "https://r.example/u?REDACTED"],
    ["https://r.example/u?sig=a=secret=&&x=", "https://r.example/u?sig=REDACTED&&x=REDACTED"],
    ["https://name:secret@r.example/u#secret", "https://r.example/u"],
    ["https://r.example/u?N=secret&Scope=secret", "https://r.example/u?N=REDACTED&Scope=REDACTED"],
  ])("shows %s as %s", (url, shown) => {
    expect(redactURL(new URL(url))).toBe(shown);
  });

  it("lets no value through but those of the parameters that are no secret", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z_]{1,6}$/), fc.boolean())), (parameters) => {
        const known = ["scope", "service", "mount", "from", "digest", "n", "last"];
        const pairs = parameters.filter(([name]) => !known.includes(name));
        const query = pairs.map(([name, bare]) => (bare ? "hunter2" : `${name}=hunter2`)).join("&");
        expect(redactURL(new URL(`https://r.example/u?${query}`))).not.toContain("hunter2");
      }),
    );
  });
});
