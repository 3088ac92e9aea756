import { afterEach, describe, expect, it, vi } from "vitest";
import { chooseMode } from "../../../src/remote/upload/mode.js";
import { thrown } from "../fixture/thrown.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

function inBrowser(): void {
  vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" });
}

describe("how a blob is sent", () => {
  it("is streaming, unless something speaks against it", () => {
    expect(chooseMode(undefined, {}, undefined)).toBe("streaming");
    expect(chooseMode(undefined, {}, 10)).toBe("streaming");
    expect(chooseMode(undefined, { chunked: false, maximumBody: 5 }, 10)).toBe("streaming");
  });

  it("is what is asked for, but that a stream has no digest to be sent in one request with", () => {
    expect(chooseMode("chunked", { chunked: false }, undefined)).toBe("chunked");
    expect(chooseMode("monolithic", { monolithic: false }, 10)).toBe("monolithic");
    expect(chooseMode("monolithic", {}, undefined)).toBe("streaming");
  });

  it("is chunked where a body may be too long", () => {
    const quirks = { maximumBody: 100 };
    expect(chooseMode(undefined, quirks, 100)).toBe("streaming");
    expect(chooseMode(undefined, quirks, 101)).toBe("chunked");
    expect(chooseMode(undefined, quirks, undefined)).toBe("chunked");
  });

  it("is chunked in a browser, which cannot stream", () => {
    inBrowser();
    expect(chooseMode(undefined, {}, undefined)).toBe("chunked");
    expect(chooseMode(undefined, { chunked: false }, 10)).toBe("monolithic");
  });

  it("is refused with words where a browser meets a registry that takes no chunks", () => {
    inBrowser();
    const error = thrown(() => chooseMode(undefined, { chunked: false }, undefined));
    expect(error).toMatchObject({ code: "ERR_VARVE_UNSUPPORTED" });
    expect(error.message).toContain("spool the layer first");
    expect(thrown(() => chooseMode(undefined, { chunked: false, monolithic: false }, 10))).toMatchObject({
      code: "ERR_VARVE_UNSUPPORTED",
    });
  });
});
