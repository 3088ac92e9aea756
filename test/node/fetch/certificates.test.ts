import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { trustedCertificates } from "../../../src/node/fetch/certificates.js";
import { FetchOptionsError } from "../../../src/node/index.js";
import { useScratch } from "../authn/scratch.js";
import { useCertificate } from "./servers.js";

describe("trustedCertificates", () => {
  const scratch = useScratch();
  const certificate = useCertificate();
  const [one = "", two = ""] = rootCertificates;

  it("are the runtime's own where nothing is said", async () => {
    expect(await trustedCertificates({ env: {} })).toBeUndefined();
    expect(
      await trustedCertificates({ env: { SSL_CERT_FILE: "", NODE_EXTRA_CA_CERTS: "" } }),
    ).toBeUndefined();
  });

  it("are those of SSL_CERT_FILE in place of the runtime's own", async () => {
    const file = scratch.write("bundle.pem", `# a comment - with dashes\n${one}\nbetween\n${two}\n`);
    expect(await trustedCertificates({ env: { SSL_CERT_FILE: file } })).toEqual(
      [one, two].map((pem) => pem.trim()),
    );
  });

  it("are those of NODE_EXTRA_CA_CERTS besides the runtime's own", async () => {
    const { file, cert } = certificate();
    const trusted = await trustedCertificates({ env: { NODE_EXTRA_CA_CERTS: file } });
    expect(trusted).toContain(cert.trim());
    expect(trusted).toContain(one);
    expect(trusted?.length).toBeGreaterThan(rootCertificates.length);
  });

  it("are those that the caller gives, as text or bytes, besides all others", async () => {
    const { file, cert } = certificate();
    for (const ca of [cert, readFileSync(file)]) {
      const trusted = await trustedCertificates({
        ca,
        env: { SSL_CERT_FILE: scratch.write("one.pem", one) },
      });
      expect(trusted).toEqual([one.trim(), cert.trim()]);
    }
  });

  it("refuse a file that is not there, and name the variable", async () => {
    const missing = scratch.file("missing.pem");
    for (const variable of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
      const refused = trustedCertificates({ env: { [variable]: missing } });
      await expect(refused).rejects.toThrow(FetchOptionsError);
      await expect(refused).rejects.toThrow(`cannot read ${missing} (ENOENT), which ${variable} names`);
    }
  });

  it("refuse what has no certificates, or a broken one", async () => {
    const { key } = certificate();
    await expect(trustedCertificates({ ca: key, env: {} })).rejects.toThrow(
      "the option ca has no certificates",
    );
    await expect(trustedCertificates({ ca: key, env: {} })).rejects.toThrow(/^(?!.*PRIVATE)/s);
    const broken = join(scratch.home, "broken.pem");
    writeFileSync(broken, `${one}\n${two.replace(/[A-Za-z0-9+/]{40}/, "")}`);
    await expect(trustedCertificates({ env: { SSL_CERT_FILE: broken } })).rejects.toThrow(
      "has a broken certificate, number 2",
    );
  });
});
