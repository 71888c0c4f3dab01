/** The packages in the two lock files, and what their registries and the advisory database say about them. */

export interface Locked {
  ecosystem: "crates.io" | "npm";
  name: string;
  version: string;
  checksum?: string | undefined;
}
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The format that npm's own client asks for: all versions of a package, without the text for people. */
const NPM_FORM = { headers: { Accept: "application/vnd.npm.install-v1+json" } };
const OSV = "https://api.osv.dev/v1/querybatch";
/** OSV accepts 1,000 in one request. */
const AT_ONCE = 500;
const TIMEOUT_MS = 20_000;

/** The crates in a `Cargo.lock`, without those of this project. */
export function cratesIn(text: string): Locked[] {
  return text.split("[[package]]").flatMap((block) => {
    const pairs = [...block.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]);
    const { name, version, source, checksum } = Object.fromEntries(pairs);
    return source ? [{ ecosystem: "crates.io" as const, name, version, checksum }] : [];
  });
}

/** The packages in a `package-lock.json`, each once. */
export function npmPackagesIn(text: string): Locked[] {
  const packages: Record<string, { version?: string; integrity?: string }> =
    JSON.parse(text).packages;
  const found = Object.entries(packages).flatMap(([path, { version, integrity }]) => {
    // A path without `node_modules` is a folder of this project.
    const name = /.*node_modules\/(.*)/.exec(path)?.[1];
    return name && version
      ? [{ ecosystem: "npm" as const, name, version, checksum: integrity }]
      : [];
  });
  return [...new Map(found.map((entry) => [`${entry.name}@${entry.version}`, entry])).values()];
}

/** The problem that its registry reports for a package; undefined if there is none. */
export async function complaint(locked: Locked, fetcher: Fetch = fetch) {
  const { withdrawn, checksum } = await entryOf(locked, fetcher);
  if (withdrawn) return withdrawn;
  const differs = locked.checksum !== undefined && checksum !== locked.checksum;
  return differs ? "has another checksum in the registry" : undefined;
}

/** A version in a registry, and why it should not be used any more. */
type Entry = { withdrawn?: string | false | undefined; checksum?: string };
const MISSING: Entry = { withdrawn: "is not in the registry" };

async function entryOf({ ecosystem, name, version }: Locked, fetcher: Fetch): Promise<Entry> {
  if (ecosystem === "npm") {
    const url = `https://registry.npmjs.org/${name.replace("/", "%2F")}`;
    const entry = JSON.parse(await ask(fetcher, url, NPM_FORM)).versions[version];
    if (!entry) return MISSING;
    const withdrawn = entry.deprecated && `is deprecated: ${entry.deprecated}`;
    return { withdrawn, checksum: entry.dist.integrity };
  }
  const lines = (await ask(fetcher, `https://index.crates.io/${indexPath(name)}`)).trim();
  const entry = lines
    .split("\n")
    .map((line) => JSON.parse(line))
    .find(({ vers }) => vers === version);
  return entry ? { withdrawn: entry.yanked && "was yanked", checksum: entry.cksum } : MISSING;
}

/** Where the index has a crate (https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files). */
export function indexPath(name: string): string {
  const lower = name.toLowerCase();
  if (lower.length < 3) return `${lower.length}/${lower}`;
  if (lower.length === 3) return `3/${lower[0]}/${lower}`;
  return `${lower.slice(0, 2)}/${lower.slice(2, 4)}/${lower}`;
}

/**
 * The known vulnerabilities of these packages, one line each, from OSV (https://google.github.io/osv.dev/api/), which
 * includes those of RustSec and npm.
 */
export async function advisories(packages: Locked[], fetcher: Fetch = fetch): Promise<string[]> {
  const found = [];
  for (let start = 0; start < packages.length; start += AT_ONCE) {
    const some = packages.slice(start, start + AT_ONCE);
    const queries = some.map(({ ecosystem, name, version }) => {
      return { package: { ecosystem, name }, version };
    });
    const body = JSON.stringify({ queries });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await ask(fetcher, OSV, { method: "POST", body, signal });
    const results: { vulns?: { id: string }[] }[] = JSON.parse(answer).results;
    if (results.length !== some.length) throw new Error(`${OSV} did not answer for each package`);
    for (const [at, { name, version }] of some.entries())
      for (const { id } of results[at]?.vulns ?? [])
        found.push(`${name} ${version}: https://osv.dev/vulnerability/${id}`);
  }
  return found;
}

async function ask(fetcher: Fetch, url: string, init?: RequestInit): Promise<string> {
  const response = await fetcher(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
