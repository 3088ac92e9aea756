/** What about uploads is different with a registry. */
export interface RegistryQuirks {
  /** False if it does not take a blob in several PATCHes. */
  readonly chunked?: boolean;
  /** False if it does not take a whole blob in the PUT. */
  readonly monolithic?: boolean;
  /** Bytes that each chunk but the last must have. */
  readonly minimumChunk?: number;
  /** Bytes that a chunk may have at most. */
  readonly maximumChunk?: number;
  /** Bytes that the body of any request may have at most; blobs that are longer, or may be, are sent in chunks. */
  readonly maximumBody?: number;
  /** False if the `Range` that it answers with is not what it has. */
  readonly trustRange?: boolean;
  /** False if it cannot be asked how much of an upload it has. */
  readonly canAsk?: boolean;
}

/** A registry whose quirks are known, for hosts whose names don't tell that they are one. */
export type QuirkName =
  | "google"
  | "ghcr"
  | "ecr"
  | "azure"
  | "docker-hub"
  | "artifactory"
  | "aliyun"
  | "zot"
  | "cloudflare"
  | "serverless-registry"
  | "harbor"
  | "distribution";

interface Row {
  /** Whose quirks they are. */
  readonly name: QuirkName;
  /** Which hosts have them; absent where a host's name doesn't tell. */
  readonly hosts?: RegExp;
  readonly quirks: RegistryQuirks;
  /** Where they were seen. */
  readonly links: readonly string[];
}

const MiB = 1024 * 1024;

/**
 * Every deviation that uploads make allowance for stands here, and nowhere else. Registries that are not listed, and those whose quirks are
 * dealt with for all alike, are spoken to by the specification.
 */
const TABLE: readonly Row[] = [
  {
    name: "google",
    hosts: /(?:^|\.)gcr\.io$|-docker\.pkg\.dev$/,
    quirks: { chunked: false },
    links: [
      "https://github.com/dotnet/sdk-container-builds/issues/287",
      "https://github.com/kitops-ml/kitops/issues/777",
    ],
  },
  {
    name: "ghcr",
    hosts: /^ghcr\.io$/,
    quirks: { maximumChunk: 4 * MiB },
    links: [
      "https://github.com/oras-project/rust-oci-client/issues/35",
      "https://github.com/ocx-sh/ocx/issues/237",
    ],
  },
  {
    name: "ecr",
    hosts: /\.dkr[.-]ecr[.-].*\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$|^public\.ecr\.aws$/,
    quirks: { minimumChunk: 5 * MiB, trustRange: false, canAsk: false },
    links: [
      "https://github.com/aws/containers-roadmap/issues/2831",
      "https://github.com/dotnet/sdk/issues/33019",
      "https://github.com/apple/containerization/issues/790",
    ],
  },
  {
    name: "azure",
    hosts: /\.azurecr\.(?:io|cn|us)$/,
    quirks: { canAsk: false },
    links: ["https://github.com/Azure/azure-sdk-for-js/issues/25448"],
  },
  {
    name: "docker-hub",
    hosts: /^(?:index|registry-1)\.docker\.io$/,
    quirks: { monolithic: false },
    links: [
      "https://github.com/atlanhq/application-sdk/issues/2020",
      "https://github.com/GoogleContainerTools/jib/issues/691",
    ],
  },
  {
    name: "artifactory",
    hosts: /\.jfrog\.io$/,
    quirks: { monolithic: false },
    links: ["https://github.com/containerd/containerd/issues/3533"],
  },
  {
    name: "aliyun",
    hosts: /\.aliyuncs\.com$/,
    quirks: { trustRange: false },
    links: ["https://github.com/regclient/regclient/issues/627"],
  },
  {
    name: "zot",
    quirks: { trustRange: false },
    links: ["https://github.com/regclient/regclient/issues/961"],
  },
  {
    name: "cloudflare",
    quirks: { maximumBody: 95 * 1000 * 1000, maximumChunk: 64 * MiB },
    links: [
      "https://github.com/GoogleContainerTools/kaniko/issues/2978",
      "https://github.com/bnema/gordon/issues/58",
    ],
  },
  {
    // Says how long chunks may be in a header of its own, oci-chunk-max-length, which is heeded whoever sends it.
    name: "serverless-registry",
    quirks: { maximumBody: 95 * 1000 * 1000 },
    links: [
      "https://github.com/cloudflare/serverless-registry/issues/42",
      "https://github.com/cloudflare/serverless-registry/issues/115",
    ],
  },
  {
    // Fails on its own session cookies; cookies are kept for none.
    name: "harbor",
    quirks: {},
    links: ["https://github.com/dotnet/sdk/issues/33019"],
  },
  {
    // Keeps an upload's state in the query of its Location, and looks at no Content-Range; the newest Location is used, and nothing is sent
    // twice without asking, for all alike.
    name: "distribution",
    quirks: {},
    links: ["https://github.com/distribution/distribution/issues/3755"],
  },
];

/** Quirks by host, and `:port` if it is not the scheme's own: those of a known registry, or some of one's own. */
export type QuirkOptions = Readonly<Record<string, QuirkName | RegistryQuirks>>;

/**
 * The quirks of the registry at a host.
 *
 * @param host as `URL.host` has it
 * @param given what the caller knows of hosts; it goes before the table
 */
export function quirksOf(host: string, given: QuirkOptions = {}): RegistryQuirks {
  const own = Object.hasOwn(given, host) ? given[host] : undefined;
  if (typeof own === "object") {
    return own;
  }
  const name = host.replace(/:\d+$/, "");
  return TABLE.find((row) => (own === undefined ? row.hosts?.test(name) : row.name === own))?.quirks ?? {};
}
