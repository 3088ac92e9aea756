import { describe, expect, it } from "vitest";
import { explain, NetworkError } from "../../../src/remote/transport/network-error.js";
import { fetchFailed } from "../fixture/fake-registry.js";

function networkError(cause: unknown): NetworkError {
  return new NetworkError("GET https://r.example/: no answer", { host: "r.example", cause });
}

describe("explain", () => {
  it.each([
    ["ECONNREFUSED", "the connection was refused (ECONNREFUSED)"],
    ["ENOTFOUND", "the host name was not found (ENOTFOUND)"],
    ["EPIPE", "the connection broke (EPIPE)"],
    ["UND_ERR_CONNECT_TIMEOUT", "the connection took too long to open (UND_ERR_CONNECT_TIMEOUT)"],
    ["ConnectionRefused", "the connection was refused (ConnectionRefused)"],
  ])("says what %s means", (code, meaning) => {
    expect(explain(fetchFailed(code))).toBe(meaning);
  });

  it("tells of a certificate what is wrong with it", () => {
    expect(explain(fetchFailed("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"))).toBe(
      "its certificate was not accepted: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)",
    );
  });

  it("passes a code on that it does not know, once", () => {
    expect(explain(fetchFailed("EWEIRD", "odd thing"))).toBe("odd thing (EWEIRD)");
    expect(explain(fetchFailed("EWEIRD", "connect EWEIRD 1.2.3.4"))).toBe("connect EWEIRD 1.2.3.4");
  });

  it("looks into failures that sum up one for each address of a host", () => {
    const each = ["::1", "127.0.0.1"].map((address) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: "ECONNREFUSED" }),
    );
    expect(explain(new TypeError("fetch failed", { cause: new AggregateError(each) }))).toBe(
      "the connection was refused (ECONNREFUSED)",
    );
  });

  it("shows the innermost message where the runtime gives no code", () => {
    const inner = new Error("tcp connect error: Connection refused (os error 111)");
    expect(explain(new TypeError("error sending request", { cause: inner }))).toBe(inner.message);
    expect(explain(new TypeError("Load failed"))).toBe("Load failed");
    expect(explain("thrown text")).toBe("thrown text");
    expect(explain(undefined)).toBe("undefined");
  });

  it("does not go round in a circle of causes", () => {
    const error = new Error("round");
    error.cause = error;
    expect(explain(error)).toBe("round");
  });
});

describe("NetworkError", () => {
  it("has its host, the cause and the cause's code, and may be retried", () => {
    const cause = fetchFailed("ECONNRESET");
    const error = networkError(cause);
    expect(error).toMatchObject({
      name: "NetworkError",
      code: "ERR_VARVE_NETWORK",
      retryable: true,
      host: "r.example",
      causeCode: "ECONNRESET",
    });
    expect(error.cause).toBe(cause);
  });

  it.each(["CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"])(
    "is not to be retried when a certificate was refused: %s",
    (code) => {
      expect(networkError(fetchFailed(code)).retryable).toBe(false);
    },
  );

  it("takes the runtime's code from below an error of varve's own", () => {
    expect(networkError(networkError(fetchFailed("ECONNREFUSED"))).causeCode).toBe("ECONNREFUSED");
    expect(networkError(networkError(new TypeError("Load failed"))).causeCode).toBeUndefined();
  });
});
