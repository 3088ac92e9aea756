import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as tls from "node:tls";
import { readable } from "../../authn/source.js";
import { messageOf } from "../../core/message.js";
import { errorCode } from "../durable-file.js";
import type { FetchOptions } from "./fetch-options.js";
import { FetchOptionsError } from "./fetch-options-error.js";
import type { ProxyEnvironment } from "./proxy.js";

/** What says whose certificates are trusted. */
export interface CertificateOptions {
  /** Certificates in PEM, or the bytes of a file of them, that are trusted besides the others. */
  readonly ca?: string | Uint8Array | undefined;
  readonly env: ProxyEnvironment;
}

/**
 * Whether any certificate of a host is accepted.
 *
 * @param hostname an IPv6 address may be in brackets or not
 */
export function acceptsAny(insecure: NonNullable<FetchOptions["insecure"]>, hostname: string): boolean {
  const bare = (name: string): string => name.replace(/^\[|\]$/g, "").toLowerCase();
  return typeof insecure === "boolean" ? insecure : insecure.some((name) => bare(name) === bare(hostname));
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The certificates that are trusted, in PEM: those of the file `SSL_CERT_FILE`, or where that is not set the runtime's own; with them those of
 * the file `NODE_EXTRA_CA_CERTS`, and those that the caller gives.
 *
 * @returns undefined if it is only the runtime's own
 * @throws {FetchOptionsError} if a file cannot be read, or has no certificates
 */
export async function trustedCertificates({ ca, env }: CertificateOptions): Promise<string[] | undefined> {
  const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = env as NodeJS.ProcessEnv;
  if (ca === undefined && !SSL_CERT_FILE && !NODE_EXTRA_CA_CERTS) {
    return undefined;
  }
  return [
    ...(SSL_CERT_FILE ? await certificatesOf(SSL_CERT_FILE, "SSL_CERT_FILE") : runtimeCertificates()),
    ...(NODE_EXTRA_CA_CERTS ? await certificatesOf(NODE_EXTRA_CA_CERTS, "NODE_EXTRA_CA_CERTS") : []),
    ...(ca === undefined ? [] : parse(Buffer.from(ca).toString("latin1"), "the option ca")),
  ];
}

/** Those that are compiled in, and where Node can tell (since 22.15), those that its flags add. */
function runtimeCertificates(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };
  return getCACertificates?.("default") ?? tls.rootCertificates;
}

async function certificatesOf(path: string, variable: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(path, "latin1");
  } catch (error) {
    throw new FetchOptionsError(
      `cannot read ${readable(path)} (${errorCode(error) ?? messageOf(error)}), which ${variable} names; correct or unset the variable`,
    );
  }
  return parse(text, `${readable(path)}, which ${variable} names,`);
}

function parse(text: string, what: string): string[] {
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    throw new FetchOptionsError(
      `${what} has no certificates; it must be in PEM, with -----BEGIN CERTIFICATE-----`,
    );
  }
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new FetchOptionsError(
        `${what} has a broken certificate, number ${index + 1}; correct or replace it`,
      );
    }
  }
  return certificates;
}
