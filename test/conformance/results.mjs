/** Reads what the conformance suite found out. */

/** The categories of the distribution-spec v1.1, "Conformance". */
export const categories = /** @type {const} */ (["pull", "push", "content discovery", "content management"]);

/** @typedef {(typeof categories)[number]} Category */
/** @typedef {{ name: string, category: Category, status: "passed" | "skipped" | "failed" }} Case */

/**
 * The tests of a JUnit report, which are the leaves of the suite's tree.
 *
 * @param {string} xml
 * @returns {Case[]}
 * @throws an error if a test cannot be read, or belongs to no category that is known here
 */
export function casesOf(xml) {
  const tags = xml.match(/<testcase\b[^>]*>/g) ?? [];
  return tags.map((tag) => {
    const name = attribute(tag, "name").replace("OCI Conformance Test/", "");
    const status = attribute(tag, "status");
    return {
      name,
      category: categoryOf(name),
      status: status === "passed" || status === "skipped" ? status : "failed",
    };
  });
}

/**
 * What the suite says of each endpoint and each kind of data.
 *
 * @param {string} yaml its results.yaml
 * @returns {Map<string, string>} `Pass`, `Skip`, `Disabled`, `FAIL`, `Error` or `Unknown`, by name
 */
export function featuresOf(yaml) {
  const listed = yaml.slice(yaml.indexOf("\napis:\n") + 1);
  return new Map(
    [...listed.matchAll(/^ {2}(\S.*): (\w+)$/gm)].map(([, name = "", status = ""]) => [name, status]),
  );
}

/** By what a test's own name, and the step that it is part of, say. @type {readonly [RegExp, Category][]} */
const CATEGORIES = [
  [/(^|\/)(tag[- ]list|referrers)$/, "content discovery"],
  [/(^|\/)(blob|manifest|tag)-delete$/, "content management"],
  [
    /(^|\/)(ping|get-missing|blob-get|blob-head|manifest-get|manifest-head-by-(digest|tag)|range .*)$/,
    "pull",
  ],
  [/(^|\/)(pull\/manifest-by-|missing-manifest\/by-)(digest|tag)$/, "pull"],
  [/(^|\/)push\/manifest-by-(digest|tag)$/, "push"],
  [/(^|\/)(blob-(post|patch|mount)(-.*)?|manifest-put)$/, "push"],
];

/**
 * @param {string} name
 * @returns {Category}
 */
function categoryOf(name) {
  const category = CATEGORIES.find(([pattern]) => pattern.test(name))?.[1];
  if (category === undefined)
    throw new Error(`the suite's test ${JSON.stringify(name)} belongs to no category`);
  return category;
}

/**
 * @param {string} tag
 * @param {string} name
 */
function attribute(tag, name) {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
  if (value === undefined) throw new Error(`the suite's report has a test without ${name}: ${tag}`);
  return value
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#34;", '"')
    .replaceAll("&amp;", "&");
}
