import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { userAgentHeader } from "../../../src/remote/transport/user-agent.js";

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("userAgentHeader", () => {
  it.each([undefined, { userAgent: "Node.js/22" }, { userAgent: "Cloudflare-Workers" }, {}])(
    "is varve with the package's version, after the caller's own name, where navigator is %j",
    (navigator) => {
      vi.stubGlobal("navigator", navigator);
      expect(userAgentHeader()).toBe(`varve/${version}`);
      expect(userAgentHeader("builder/2.1")).toBe(`builder/2.1 varve/${version}`);
    },
  );

  it("is left to a browser", () => {
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" });
    expect(userAgentHeader("builder/2.1")).toBeUndefined();
  });
});
