/** What an API makes of a patch: it applies all of it or nothing. */

import { type Patch, same } from "./patch.ts";
import type { Policies, Policy } from "./policies.ts";

/** A row as the API knows it. */
export type Row = Readonly<Record<string, unknown>> & { readonly version: number };

/** What becomes of a patch. */
export type Decision =
  /** The fields to write, with their new values. Without any, there is nothing to do. */
  | { readonly kind: "apply"; readonly changes: Record<string, unknown> }
  /** These fields have been changed since. Nothing may be written. */
  | { readonly kind: "conflict"; readonly fields: string[] }
  /** The patch does not say what the person saw. */
  | { readonly kind: "unconditional"; readonly fields: string[] }
  /** These fields can't be changed, or not like this. */
  | { readonly kind: "invalid"; readonly fields: string[] };

type Verdict = Exclude<Decision["kind"], "apply"> | { value: unknown } | undefined;

/**
 * Decides about a patch, field by field: unchanged since the person saw it → applied; already the same
 * value → nothing to do; else a conflict of that field. Call it with the row locked, in the transaction
 * that writes `changes`.
 */
export function decide(policies: Policies, row: Row, patch: Patch): Decision {
  const verdicts = Object.keys(patch.set).map(
    (field) => [field, verdictOn(policies, row, patch, field)] as const,
  );
  for (const kind of ["invalid", "unconditional", "conflict"] as const) {
    const fields = verdicts.filter(([, verdict]) => verdict === kind).map(([field]) => field);
    if (fields.length > 0) return { kind, fields };
  }
  const changes: Record<string, unknown> = {};
  for (const [field, verdict] of verdicts)
    if (typeof verdict === "object") changes[field] = verdict.value;
  return { kind: "apply", changes };
}

function verdictOn(policies: Policies, row: Row, patch: Patch, field: string): Verdict {
  const policy = policyOf(policies, field);
  if (!policy) return "invalid";
  const current = row[field];
  const next = valueAfter(policy, current, patch.set[field]);
  if (next === undefined) return "invalid";
  if (same(current, next)) return undefined;
  const hasBase = patch.base !== undefined && Object.hasOwn(patch.base, field);
  // The version alone does not say what a person saw who has changed the field before, offline.
  const isSeen = hasBase ? same(current, patch.base?.[field]) : patch.baseVersion === row.version;
  if (policy.change || isSeen) return { value: next };
  return hasBase || patch.baseVersion !== undefined ? "conflict" : "unconditional";
}

/** The row as it is after a change: for showing it before the API has answered. */
export function applied<R extends object>(policies: Policies, row: R, set: Patch["set"]): R {
  const values = Object.entries(set).map(([field, change]) => {
    const current = (row as Record<string, unknown>)[field];
    const policy = policyOf(policies, field);
    return [field, policy ? valueAfter(policy, current, change) : change];
  });
  return { ...row, ...Object.fromEntries(values) };
}

/** Undefined if it can't be changed like this. */
function valueAfter(policy: Policy, current: unknown, change: unknown): unknown {
  if (!policy.change) return change;
  try {
    return policy.change(current, change);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function policyOf(policies: Policies, field: string): Policy | undefined {
  return Object.hasOwn(policies, field) ? policies[field] : undefined;
}
