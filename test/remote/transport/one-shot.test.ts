import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("a request whose body can be sent once", () => {
  it("takes redirects for errors, so that no copy of the body is kept", async () => {
    const { oneShot } = await import("../../../src/remote/transport/one-shot.js");
    expect(oneShot()).toEqual({ redirect: "error", window: null });
  });

  it("leaves redirects alone on a runtime that does not know them as errors", async () => {
    vi.stubGlobal(
      "Request",
      class {
        constructor(_url: string, { redirect }: RequestInit) {
          if (redirect === "error") {
            throw new TypeError("Invalid redirect value, must be one of follow or manual.");
          }
        }
      },
    );
    const { oneShot } = await import("../../../src/remote/transport/one-shot.js");
    expect(oneShot()).toEqual({ redirect: "manual" });
  });
});
