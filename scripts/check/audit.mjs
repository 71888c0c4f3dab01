/**
 * Asks the registries and the advisory database about every package of the two lock files.
 *
 *     npm run audit
 *
 * Fails if one of them has a problem, or if a registry or the database can't be reached.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { ROOT } from "../common/paths.mjs";
import { step } from "../common/steps.mjs";
import { advisories } from "./advisories.mjs";
import { complaint, cratesIn, npmPackagesIn } from "./locked-packages.mjs";

const LANES = 8;

const HELP =
  "npm run audit                        checks every package in the lock files; takes no options";

await main(async () => {
  if (!readOptions({ help: HELP, options: {} })) return;
  const crates = cratesIn(readFileSync(join(ROOT, "Cargo.lock"), "utf8"));
  const packages = npmPackagesIn(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  /** @type {string[]} */
  const findings = [];
  await step("crates.io", () => judge(crates, findings));
  await step("npm", () => judge(packages, findings));
  await step("Advisories (OSV)", () => judgeByAdvisories([...crates, ...packages], findings));
  if (findings.length > 0)
    throw new Failure(`\n${findings.join("\n")}`, {
      next: "Upgrade to a version without this problem.",
    });
});

/**
 * @param {import("./locked-packages.mjs").Locked[]} packages
 * @param {string[]} findings
 */
async function judge(packages, findings) {
  const before = findings.length;
  const left = packages.values();
  const lane = async () => {
    for (const locked of left) {
      const found = await complaint(locked);
      if (found !== undefined) findings.push(`${locked.name} ${locked.version} ${found}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcome(packages, findings.length - before);
}

/**
 * @param {import("./locked-packages.mjs").Locked[]} packages
 * @param {string[]} findings
 */
async function judgeByAdvisories(packages, findings) {
  try {
    const found = await advisories(packages);
    findings.push(...found);
    return outcome(packages, found.length);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Failure(`\nThe advisory database could not be queried: ${message}`, {
      next: "Allow this machine to reach api.osv.dev, then run this command again.",
    });
  }
}

/**
 * @param {unknown[]} packages
 * @param {number} found
 */
function outcome(packages, found) {
  return `${packages.length} packages, ${found} with problems`;
}
