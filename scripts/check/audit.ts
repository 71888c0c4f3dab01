/**
 * Asks the registries and the advisory database about every package of the two lock files. Fails if one of them has a
 * problem, or if a registry or the database can't be reached.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";
import { step } from "../common/steps.ts";
import { advisories, complaint, cratesIn, type Locked, npmPackagesIn } from "./registries.ts";

const LANES = 8;

export default async (): Promise<void> => {
  const crates = cratesIn(readFileSync(join(ROOT, "Cargo.lock"), "utf8"));
  const packages = npmPackagesIn(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const findings: string[] = [];
  const judge = (name: string, all: Locked[], ask: (all: Locked[]) => Promise<string[]>) =>
    step(name, async () => {
      const found = await ask(all);
      findings.push(...found);
      return `${all.length} packages, ${found.length} with problems`;
    });
  await judge("crates.io", crates, complaints);
  await judge("npm", packages, complaints);
  await judge("Advisories (OSV)", [...crates, ...packages], fromDatabase);
  const next = "Upgrade to a version without this problem.";
  if (findings.length > 0) throw new Failure(`\n${findings.join("\n")}`, { next });
};

async function complaints(packages: Locked[]): Promise<string[]> {
  const found: string[] = [];
  const left = packages.values();
  const lane = async () => {
    for (const locked of left) {
      const problem = await complaint(locked);
      if (problem) found.push(`${locked.name} ${locked.version} ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return found;
}

async function fromDatabase(packages: Locked[]): Promise<string[]> {
  try {
    return await advisories(packages);
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(`\nThe advisory database could not be queried: ${message}`, {
      next: "Allow this machine to reach api.osv.dev, then run this command again.",
    });
  }
}
