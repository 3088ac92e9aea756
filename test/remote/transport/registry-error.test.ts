import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VarveError } from "../../../src/core/index.js";
import { RegistryError, settle } from "../../../src/remote/transport/registry-error.js";
import type { Answer } from "../../../src/remote/transport/transport.js";
import { errors } from "../fixture/fake-registry.js";
import { rejection } from "../fixture/thrown.js";

function answer(response: Response, method = "POST"): Answer {
  return {
    method,
    url: new URL("https://registry.example/v2/repo/blobs/uploads/?token=secret"),
    response,
    authorized: false,
    conceal: (text: string) => text,
  };
}

async function refusal(response: Response, method?: string): Promise<RegistryError> {
  const error = await rejection(settle(answer(response, method), [202]));
  expect(error).toBeInstanceOf(RegistryError);
  return error as RegistryError;
}

const URL_SHOWN = "https://registry.example/v2/repo/blobs/uploads/?token=REDACTED";

describe("RegistryError", () => {
  it("acceptance 44: tells method, URL, code and message of a 400 with NAME_INVALID, and is not retryable", async () => {
    const error = await refusal(errors(400, { code: "NAME_INVALID", message: "invalid repository name" }));
    expect(error.message).toBe(`POST ${URL_SHOWN}: NAME_INVALID: invalid repository name`);
    expect(error).toMatchObject({
      name: "RegistryError",
      code: "ERR_VARVE_REGISTRY",
      retryable: false,
      status: 400,
      method: "POST",
      url: URL_SHOWN,
      errors: [{ code: "NAME_INVALID", message: "invalid repository name" }],
    });
    expect(error.body).toContain("NAME_INVALID");
    expect(error).toBeInstanceOf(VarveError);
  });

  it("adds the detail that the registry gives", async () => {
    const detail = { name: "REPO", limits: [1, 2] };
    const error = await refusal(errors(400, { code: "NAME_INVALID", message: "bad", detail }));
    expect(error.message).toBe(`POST ${URL_SHOWN}: NAME_INVALID: bad; {"name":"REPO","limits":[1,2]}`);
    expect(error.errors).toEqual([{ code: "NAME_INVALID", message: "bad", detail }]);
    const plain = await refusal(errors(400, { code: "NAME_INVALID", message: "bad", detail: "upper case" }));
    expect(plain.message).toBe(`POST ${URL_SHOWN}: NAME_INVALID: bad; upper case`);
  });

  it("lists several errors", async () => {
    const error = await refusal(
      errors(400, { code: "A", message: "first" }, { code: "B", message: "second", detail: "more" }),
    );
    expect(error.message).toBe(`POST ${URL_SHOWN}: multiple errors returned: A: first; B: second; more`);
  });

  it("shows a body of another form as it is, on one line", async () => {
    const error = await refusal(
      new Response("<h1>\nBad\u001b[2J Gateway</h1>", { status: 502, statusText: "Bad Gateway" }),
    );
    expect(error.message).toBe(
      `POST ${URL_SHOWN}: unexpected status code 502 Bad Gateway: <h1> Bad\\u001b[2J Gateway</h1>`,
    );
    expect(error.errors).toEqual([]);
  });

  it("tells the status where there is no body, and why a HEAD has none", async () => {
    expect((await refusal(new Response(null, { status: 500 }))).message).toBe(
      `POST ${URL_SHOWN}: unexpected status code 500`,
    );
    expect((await refusal(new Response(null, { status: 500 }), "HEAD")).message).toBe(
      `HEAD ${URL_SHOWN}: unexpected status code 500 (HEAD responses have no body, use GET for details)`,
    );
  });

  it("says that a body was too long to read, and keeps its beginning", async () => {
    const error = await refusal(new Response("x".repeat(70_000), { status: 413 }));
    expect(error.message).toBe(
      `POST ${URL_SHOWN}: unexpected status code 413 (the body exceeds 65536 bytes)`,
    );
    expect(error.body).toBe("x".repeat(65_536));
  });

  it.each([
    [401, "ERR_VARVE_UNAUTHORIZED"],
    [403, "ERR_VARVE_DENIED"],
    [404, "ERR_VARVE_NOT_FOUND"],
    [400, "ERR_VARVE_REGISTRY"],
    [500, "ERR_VARVE_REGISTRY"],
  ])("has for status %i the code %s", async (status, code) => {
    expect((await refusal(new Response(null, { status }))).code).toBe(code);
  });

  it("says of a 401 that the registry wants credentials", async () => {
    const error = await refusal(errors(401, { code: "UNAUTHORIZED", message: "authentication required" }));
    expect(error.message).toBe(
      `POST ${URL_SHOWN}: UNAUTHORIZED: authentication required (the registry wants credentials, and none were given)`,
    );
  });

  it.each([408, 429, 500, 502, 503, 504])("is retryable for status %i without a code", async (status) => {
    expect((await refusal(new Response("busy", { status }))).retryable).toBe(true);
  });

  it.each([400, 401, 403, 404, 405, 413, 416, 499, 501, 522])(
    "is not retryable for status %i without a code",
    async (status) => {
      expect((await refusal(new Response(null, { status }))).retryable).toBe(false);
    },
  );

  it.each(["BLOB_UPLOAD_INVALID", "TOOMANYREQUESTS", "UNKNOWN", "UNAVAILABLE"])(
    "is retryable for the code %s, whatever the status",
    async (code) => {
      expect((await refusal(errors(400, { code, message: "" }))).retryable).toBe(true);
    },
  );

  it("is not retryable if one of several codes is not temporary, or a 500 has such a code", async () => {
    const [passing, lasting] = [{ code: "UNKNOWN" }, { code: "DENIED" }];
    expect((await refusal(errors(500, passing, lasting))).retryable).toBe(false);
    expect((await refusal(errors(500, passing, passing))).retryable).toBe(true);
    expect((await refusal(errors(500, { code: "NAME_INVALID" }))).retryable).toBe(false);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["no errors", "{}"],
    ["errors that are no list", '{"errors":{"code":"A"}}'],
    ["entries that are no objects", '{"errors":[1,null,"A",[]]}'],
    ["entries without a code", '{"errors":[{"message":"m"},{"code":7},{"code":""}]}'],
    ["an inherited name", '{"__proto__":{"errors":[{"code":"A"}]}}'],
  ])("takes a body with %s for text", async (_, text) => {
    expect((await refusal(new Response(text, { status: 400 }))).errors).toEqual([]);
  });

  it("reads entries whose message is missing or no text, and whose detail is null", async () => {
    const error = await refusal(errors(400, { code: "A" }, { code: "B", message: 1, detail: null }));
    expect(error.errors).toEqual([
      { code: "A", message: "" },
      { code: "B", message: "" },
    ]);
  });

  it("comes of any body at all, with a message of one line", async () => {
    const body = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.array(fc.object()).map((entries) => JSON.stringify({ errors: entries })),
      fc
        .array(
          fc.record({
            code: fc.string({ unit: "binary" }),
            message: fc.string({ unit: "binary" }),
            detail: fc.jsonValue(),
          }),
        )
        .map((entries) => JSON.stringify({ errors: entries })),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const error = await refusal(new Response(text, { status: 400 }));
        expect(error.message.startsWith(`POST ${URL_SHOWN}: `)).toBe(true);
        expect(error.message).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe("settle", () => {
  it("lets accepted statuses pass and reads their bodies", async () => {
    const response = new Response("{}", { status: 202 });
    await settle(answer(response), [201, 202]);
    expect(response.bodyUsed).toBe(true);
  });
});
