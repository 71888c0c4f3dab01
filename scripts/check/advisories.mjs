/** Known vulnerabilities from OSV (https://google.github.io/osv.dev/api/), which includes those of RustSec and npm. */

const URL = "https://api.osv.dev/v1/querybatch";
/** OSV accepts 1,000 in one request. */
const AT_ONCE = 500;
const TIMEOUT_MS = 20_000;

/**
 * The advisories for these packages, one line each.
 * @param {import("./locked-packages.mjs").Locked[]} packages
 * @param {import("./locked-packages.mjs").Fetch} fetcher
 * @returns {Promise<string[]>}
 */
export async function advisories(packages, fetcher = fetch) {
  const found = [];
  for (let start = 0; start < packages.length; start += AT_ONCE)
    found.push(...(await ask(packages.slice(start, start + AT_ONCE), fetcher)));
  return found;
}

/**
 * @param {import("./locked-packages.mjs").Locked[]} packages
 * @param {import("./locked-packages.mjs").Fetch} fetcher
 */
async function ask(packages, fetcher) {
  const queries = packages.map(({ ecosystem, name, version }) => ({
    package: { ecosystem, name },
    version,
  }));
  const response = await fetcher(URL, {
    method: "POST",
    body: JSON.stringify({ queries }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${URL} answered ${response.status}`);
  /** @type {{ results: { vulns?: { id: string }[] }[] }} */
  const { results } = await response.json();
  if (results.length !== packages.length) throw new Error(`${URL} did not answer for each package`);
  return results.flatMap(({ vulns = [] }, index) =>
    vulns.map(({ id }) => {
      const { name, version } = /** @type {typeof packages[0]} */ (packages[index]);
      return `${name} ${version}: https://osv.dev/vulnerability/${id}`;
    }),
  );
}
