/** What became of an event in each of its projects. */

import type { BroadcastError } from "./error.ts";

/** The server's answer to one event for one project. */
export interface BroadcastReply {
  success: true;
  message: string;
  /** How many sockets have been sent the event, or will be. */
  recipients: number;
  /** How many were left out by the exclusion. */
  excluded: number;
  /** Set if a part of a large room had not said in time whom it reached: then both counts are too low. */
  partial?: true;
  /** The event's number in the room's history. Absent if no history is kept. */
  seq?: number;
  /** Set if the server had already accepted an earlier attempt whose answer was lost. */
  duplicate?: true;
}

/** A project that got an event. */
export interface ReachedProject extends BroadcastReply {
  projectId: string;
}

/** A project for which an event has failed for good. */
export interface MissedProject {
  projectId: string;
  success: false;
  error: BroadcastError;
}

/** What became of an event in one of its projects. `success` tells which it is. */
export type ProjectResult = ReachedProject | MissedProject;

/** The same failure for each of these projects. */
export function missed(projectIds: readonly string[], error: BroadcastError): MissedProject[] {
  return projectIds.map((projectId) => ({ projectId, success: false, error }));
}
