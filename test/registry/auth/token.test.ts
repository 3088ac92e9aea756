import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { type TokenClaims, TokenSigner } from "../../../src/registry/auth/token.js";

const CLAIMS: TokenClaims = {
  subject: "me",
  use: "access",
  access: [{ type: "repository", name: "a/b", actions: ["pull", "push"] }],
  expires: 1_800_000_000_123,
};

const part = (token: string, index: number): string => token.split(".")[index] as string;
const json = (text: string): unknown => JSON.parse(Buffer.from(text, "base64url").toString());

describe("TokenSigner", () => {
  it("knows its own tokens again, with what they say", async () => {
    const signer = new TokenSigner();
    expect(await signer.verify(await signer.sign(CLAIMS))).toEqual(CLAIMS);
    const lasting = { ...CLAIMS, subject: "mé \u{1f600}", expires: undefined };
    expect(await signer.verify(await signer.sign(lasting))).toEqual(lasting);
  });

  it("writes JSON Web Tokens that fit into a header", async () => {
    const token = await new TokenSigner().sign(CLAIMS);
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(json(part(token, 0))).toEqual({ alg: "HS256", typ: "JWT" });
    expect(json(part(token, 1))).toMatchObject({ sub: "me", exp: 1_800_000_000.123, access: CLAIMS.access });
  });

  it("makes no token twice", async () => {
    const signer = new TokenSigner();
    expect(await signer.sign(CLAIMS)).not.toBe(await signer.sign(CLAIMS));
  });

  it("does not know another signer's tokens", async () => {
    expect(await new TokenSigner().verify(await new TokenSigner().sign(CLAIMS))).toBeUndefined();
  });

  it("refuses a token in which anything was changed", async () => {
    const signer = new TokenSigner();
    const token = await signer.sign(CLAIMS);
    const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: "root" })).toString("base64url");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    const mac = createHmac("sha256", "")
      .update(`${part(token, 0)}.${claims}`)
      .digest("base64url");
    for (const forged of [
      `${part(token, 0)}.${claims}.${part(token, 2)}`,
      `${part(token, 0)}.${claims}.${mac}`,
      `${none}.${part(token, 1)}.${part(token, 2)}`,
      `${none}.${part(token, 1)}.`,
      `${part(token, 0)}.${part(token, 1)}`,
      `${token}.${part(token, 2)}`,
      `${token}A`,
      ` ${token}`,
      "",
      "..",
      "a".repeat(100_000),
    ]) {
      expect(await signer.verify(forged), forged.slice(0, 60)).toBeUndefined();
    }
    for (let index = 0; index < token.length - 1; index += 7) {
      const wrong = token[index] === "A" ? "B" : "A";
      expect(await signer.verify(token.slice(0, index) + wrong + token.slice(index + 1))).toBeUndefined();
    }
  });

  it("makes its key anew after a failure to make it", async () => {
    const generateKey = vi.spyOn(crypto.subtle, "generateKey").mockRejectedValueOnce(new Error("no entropy"));
    const signer = new TokenSigner();
    await expect(signer.sign(CLAIMS)).rejects.toThrow("no entropy");
    expect(await signer.verify(await signer.sign(CLAIMS))).toEqual(CLAIMS);
    expect(generateKey).toHaveBeenCalledTimes(2);
    generateKey.mockRestore();
  });
});
