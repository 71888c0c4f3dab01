/** Tells an app which broadcasts have failed for good. */

import type { BroadcastError } from "./error.ts";
import type { ProjectResult } from "./results.ts";

/** Which broadcast failed. */
export interface FailedBroadcast {
  /** The projects that did not get it. */
  projectIds: readonly string[];
  type: string;
}

/** What an app is told by. */
export type OnError = (error: BroadcastError, broadcast: FailedBroadcast) => unknown;

/** Tells each reason once, with the projects that it concerns. Never rejects. */
export async function tellFailures(
  results: readonly ProjectResult[],
  type: string,
  onError: OnError = logError,
): Promise<void> {
  const failures = new Map<string, { error: BroadcastError; projectIds: string[] }>();
  for (const result of results) {
    if (result.success) continue;
    const { error, projectId } = result;
    const failure = failures.get(error.code) ?? { error, projectIds: [] };
    failure.projectIds.push(projectId);
    failures.set(error.code, failure);
  }
  for (const { error, projectIds } of failures.values()) {
    try {
      await onError(error, { projectIds, type });
    } catch (thrown) {
      console.error(thrown);
    }
  }
}

function logError({ code, message }: BroadcastError, { projectIds, type }: FailedBroadcast): void {
  console.error(`Broadcast ${type} to ${projectIds.join(", ")} failed (${code}): ${message}`);
}
