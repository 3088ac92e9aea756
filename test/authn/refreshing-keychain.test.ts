import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { anonymous, type Keychain, newBasic, newRefreshingKeychain } from "../../src/authn/index.js";
import { resourceOf } from "./resource.js";

const resource = resourceOf("registry.example/app");

describe("newRefreshingKeychain", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function counting(): { resolve: ReturnType<typeof vi.fn<Keychain["resolve"]>> } {
    let calls = 0;
    return { resolve: vi.fn<Keychain["resolve"]>(async () => newBasic("user", `password ${++calls}`)) };
  }

  async function passwordOf(found: Awaited<ReturnType<Keychain["resolve"]>>): Promise<string | undefined> {
    return (await found.authorization()).password;
  }

  it("looks credentials up anew once they are older than the ttl, and not before", async () => {
    const found = await newRefreshingKeychain(counting(), 1000).resolve(resource);
    expect(await passwordOf(found)).toBe("password 1");
    vi.advanceTimersByTime(1000);
    expect(await passwordOf(found)).toBe("password 1");
    vi.advanceTimersByTime(1);
    expect(await passwordOf(found)).toBe("password 2");
    vi.advanceTimersByTime(1000);
    expect(await passwordOf(found)).toBe("password 2");
  });

  it("looks them up anew when the clock was set back", async () => {
    const found = await newRefreshingKeychain(counting(), 1000).resolve(resource);
    vi.setSystemTime(Date.now() - 60_000);
    expect(await passwordOf(found)).toBe("password 2");
    expect(await passwordOf(found)).toBe("password 2");
  });

  it("leaves what is anonymous alone", async () => {
    const inner = { resolve: vi.fn<Keychain["resolve"]>(async () => anonymous) };
    expect(await newRefreshingKeychain(inner, 1000).resolve(resource)).toBe(anonymous);
  });

  it("does not remember a failure to refresh, and hands the signal on", async () => {
    const inner = counting();
    const found = await newRefreshingKeychain(inner, 1000).resolve(resource);
    vi.advanceTimersByTime(1001);
    inner.resolve.mockRejectedValueOnce(new Error("helper is busy"));
    const { signal } = new AbortController();
    await expect(found.authorization({ signal })).rejects.toThrow("helper is busy");
    expect(inner.resolve).toHaveBeenLastCalledWith(resource, { signal });
    expect(await passwordOf(found)).toBe("password 2");
  });

  it("throws what the inner keychain throws", async () => {
    const inner = { resolve: () => Promise.reject(new Error("broken file")) };
    await expect(newRefreshingKeychain(inner, 1000).resolve(resource)).rejects.toThrow("broken file");
  });
});
