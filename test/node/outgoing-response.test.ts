import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { setHead } from "../../src/node/outgoing-response.js";

function newTarget(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

describe("the head of a response", () => {
  it("has its length as a number: Node 20.0 breaks the connection over a text, however long the body is", () => {
    const target = newTarget();
    setHead(new Response("hello", { headers: { "Content-Length": "5", "X-Some": "5" } }), target);
    expect(target.getHeaders()).toMatchObject({ "content-length": 5, "x-some": "5" });
  });

  it.each(["x", "5, 5", "-1"])("keeps a length that is none as it is: %s", (length) => {
    const target = newTarget();
    setHead(new Response("hello", { headers: { "Content-Length": length } }), target);
    expect(target.getHeader("content-length")).toBe(length);
  });
});
