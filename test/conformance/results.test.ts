import { describe, expect, it } from "vitest";
import { casesOf, featuresOf } from "./results.mjs";

const testcase = (name: string, status = "passed"): string =>
  `<testcase name="OCI Conformance Test/${name}" classname="" time="0.1" status="${status}">`;

describe("casesOf", () => {
  it.each([
    ["ping", "pull"],
    ["sha256 blobs/get-missing", "pull"],
    ["sha256 blobs/range requests/range 500-1499", "pull"],
    ["image/head/manifest-head-by-tag", "pull"],
    ["image/pull/manifest-by-digest", "pull"],
    ["image/pull/blob-get", "pull"],
    ["missing-manifest/by-tag", "pull"],
    ["invalid-manifest-digest/manifest-get", "pull"],
    ["image/push/manifest-by-digest", "push"],
    ["invalid-manifest-digest/manifest-put", "push"],
    ["sha512 blobs/mount anonymous/blob-mount-anonymous", "push"],
    ["sha512 blobs/chunked out-of-order and put chunk/blob-patch-chunked", "push"],
    ["sha512 blobs/post cancel/blob-post-cancel", "push"],
    ["empty/tag list", "content discovery"],
    ["image/tag-list", "content discovery"],
    ["artifact/referrers", "content discovery"],
    ["image/delete/manifest-delete", "content management"],
    ["image/delete/tag-delete", "content management"],
  ])("counts %j as a test of %s", (name, category) => {
    expect(casesOf(testcase(name))).toEqual([{ name, category, status: "passed" }]);
  });

  it("takes every status that is neither passed nor skipped for a failure", () => {
    const xml = ["passed", "skipped", "failure", "error", "unknown"]
      .map((status) => testcase("ping", status))
      .join("\n");
    expect(casesOf(xml).map(({ status }) => status)).toEqual([
      "passed",
      "skipped",
      "failed",
      "failed",
      "failed",
    ]);
  });

  it("refuses what it does not know, lest a test go uncounted", () => {
    expect(() => casesOf(testcase("image/something new"))).toThrow("no category");
    expect(() => casesOf('<testcase name="OCI Conformance Test/ping">')).toThrow("without status");
    expect(casesOf("<testsuites></testsuites>")).toEqual([]);
  });
});

describe("featuresOf", () => {
  it("reads endpoints and data, and nothing of the settings before them", () => {
    const yaml = [
      "config:",
      "  tls: disabled",
      "  apis:",
      "    ping: true",
      "apis:",
      "  Blob anonymous mount: Skip",
      "  Blob upload cancel: Disabled",
      "data:",
      "  Digest Algorithm sha512: Pass",
      "  Image: FAIL",
      "",
    ].join("\n");
    expect([...featuresOf(yaml)]).toEqual([
      ["Blob anonymous mount", "Skip"],
      ["Blob upload cancel", "Disabled"],
      ["Digest Algorithm sha512", "Pass"],
      ["Image", "FAIL"],
    ]);
  });
});
