import { afterEach, expect, it, vi } from "vitest";
import * as remote from "../../../src/remote/index.js";
import { Puller, Pusher, RemoteDescriptor } from "../../../src/remote/index.js";
import { runFlows } from "./client.js";
import { kinds } from "./kinds.js";
import { detourTo, places } from "./places.js";

afterEach(() => {
  vi.restoreAllMocks();
});

function isClass(value: (...parameters: never[]) => unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

it("acceptance 56: the flows make use of everything in this package that can make a request", async () => {
  const exported = Object.entries<unknown>(remote).flatMap(([name, value]) =>
    typeof value === "function" && !isClass(value as () => unknown) ? [name] : [],
  );
  const used = new Set<PropertyKey>();
  const watched = new Proxy(remote, {
    get(target, name) {
      used.add(name);
      return Reflect.get(target, name);
    },
  });
  const methods = [Puller, Pusher, RemoteDescriptor].flatMap(({ prototype, name: className }) =>
    Object.getOwnPropertyNames(prototype)
      .filter((name) => name !== "constructor")
      .map((name) => {
        const spy = vi.spyOn(prototype as unknown as Record<string, () => unknown>, name);
        return { name: `${className}.${name}`, spy };
      }),
  );
  const { failures } = await runFlows(detourTo(places[0]!), kinds[0]!, "bearer", {}, watched);
  expect(failures).toEqual([]);
  expect(exported.filter((name) => !used.has(name))).toEqual([]);
  expect(methods.flatMap(({ name, spy }) => (spy.mock.calls.length === 0 ? [name] : []))).toEqual([]);
  expect(exported.length).toBeGreaterThan(20);
  expect(methods.length).toBeGreaterThan(12);
});
