/** The packages in the two lock files, and what their registries say about them. */

/** @typedef {{ ecosystem: "crates.io" | "npm", name: string, version: string, checksum: string | undefined }} Locked */
/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Fetch */

/** The format that npm's own client asks for: all versions of a package, without the text for people. */
const NPM_FORM = "application/vnd.npm.install-v1+json";

/**
 * The crates in a `Cargo.lock`, without those of this project.
 * @param {string} text
 * @returns {Locked[]}
 */
export function cratesIn(text) {
  return text.split("[[package]]").flatMap((block) => {
    const value = (/** @type {string} */ name) =>
      block.match(new RegExp(`^${name} = "(.*)"$`, "m"))?.[1];
    const [name, version] = [value("name"), value("version")];
    if (!name || !version || !value("source")) return [];
    return [
      { ecosystem: /** @type {const} */ ("crates.io"), name, version, checksum: value("checksum") },
    ];
  });
}

/**
 * The packages in a `package-lock.json`, each once.
 * @param {string} text
 * @returns {Locked[]}
 */
export function npmPackagesIn(text) {
  /** @type {{ packages: Record<string, { version?: string, integrity?: string }> }} */
  const { packages } = JSON.parse(text);
  const found = Object.entries(packages).flatMap(([path, { version, integrity }]) => {
    // A path without `node_modules` is a folder of this project.
    const [, name] = path.match(/.*node_modules\/(.*)/) ?? [];
    if (!name || !version) return [];
    return [{ ecosystem: /** @type {const} */ ("npm"), name, version, checksum: integrity }];
  });
  return [...new Map(found.map((entry) => [`${entry.name}@${entry.version}`, entry])).values()];
}

/**
 * The problem that a registry reports for a package; undefined if there is none.
 * @param {Locked} locked
 * @param {Fetch} fetcher
 * @returns {Promise<string | undefined>}
 */
export async function complaint(locked, fetcher = fetch) {
  return locked.ecosystem === "npm"
    ? npmComplaint(locked, fetcher)
    : crateComplaint(locked, fetcher);
}

/**
 * @param {Locked} locked
 * @param {Fetch} fetcher
 */
async function crateComplaint({ name, version, checksum }, fetcher) {
  const lines = await text(fetcher, `https://index.crates.io/${indexPath(name)}`);
  /** @type {{ vers: string, cksum: string, yanked: boolean }[]} */
  const versions = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const entry = versions.find(({ vers }) => vers === version);
  if (entry === undefined) return "is not in the registry";
  if (entry.yanked) return "was yanked";
  return entry.cksum === checksum ? undefined : "has another checksum in the registry";
}

/**
 * Where the index has a crate (https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files).
 * @param {string} name
 */
export function indexPath(name) {
  const lower = name.toLowerCase();
  if (lower.length < 3) return `${lower.length}/${lower}`;
  if (lower.length === 3) return `3/${lower[0]}/${lower}`;
  return `${lower.slice(0, 2)}/${lower.slice(2, 4)}/${lower}`;
}

/**
 * @param {Locked} locked
 * @param {Fetch} fetcher
 */
async function npmComplaint({ name, version, checksum }, fetcher) {
  const url = `https://registry.npmjs.org/${name.replace("/", "%2F")}`;
  const { versions } = JSON.parse(await text(fetcher, url, { headers: { Accept: NPM_FORM } }));
  const entry = versions[version];
  if (entry === undefined) return "is not in the registry";
  if (entry.deprecated) return `is deprecated: ${entry.deprecated}`;
  const differs = checksum !== undefined && entry.dist.integrity !== checksum;
  return differs ? "has another checksum in the registry" : undefined;
}

/**
 * @param {Fetch} fetcher
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function text(fetcher, url, init) {
  const response = await fetcher(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
