import { expect, it } from "vitest";
import { describeSource } from "../../src/authn/index.js";

it("says in one line where credentials came from", () => {
  const source = { registry: "registry.example", from: "/path/config.json" };
  expect(describeSource(source)).toBe("credentials for registry.example: from /path/config.json");
  expect(describeSource({ ...source, helper: { name: "desktop", setting: "credsStore" } })).toBe(
    "credentials for registry.example: from /path/config.json (credsStore desktop)",
  );
});

it("makes a file's name fit for a terminal", () => {
  expect(describeSource({ registry: "a.example", from: "/tmp/\u001b]0;x\u0007\n" })).toBe(
    'credentials for a.example: from "/tmp/\\u001b]0;x\\u0007\\u000a"',
  );
});
