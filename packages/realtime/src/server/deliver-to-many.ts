/** Sends one event to many projects, with as many requests as it takes. */

import {
  type Delivery,
  deliver,
  deliverAndRead,
  mayPass,
  pauseBefore,
  readAnswer,
  refusal,
} from "./deliver.ts";
import { BroadcastError } from "./error.ts";
import { missed, type ProjectResult, type ReachedProject } from "./results.ts";

/** An event on its way. Its `body` is the one that a single project gets. */
export type EventDelivery = Delivery & { body: string };

/**
 * Sends an event to one project or to several: `path` is that of the one or of all. Returns the result of each project, in
 * order, and never rejects.
 */
export async function deliverTo(
  projectIds: readonly string[],
  delivery: EventDelivery,
): Promise<ProjectResult[]> {
  const [projectId = "", ...others] = projectIds;
  if (others.length > 0) return new ManyProjects(projectIds, delivery).deliver();
  try {
    const reply = (await deliver(delivery)) as Omit<ReachedProject, "projectId">;
    return [{ ...reply, projectId }];
  } catch (error) {
    return missed(projectIds, error as BroadcastError);
  }
}

/**
 * The projects of one event, and what is known of each. A request leaves those for the next one that the server did not
 * reach. All requests have the same id, so that no project gets the event twice.
 */
class ManyProjects {
  readonly #projectIds: readonly string[];
  readonly #delivery: EventDelivery;
  /** The latest result of each project that was tried. */
  readonly #results = new Map<string, ProjectResult>();
  readonly #attempts = new Map<string, number>();

  constructor(projectIds: readonly string[], delivery: EventDelivery) {
    this.#projectIds = projectIds;
    this.#delivery = delivery;
  }

  async deliver(): Promise<ProjectResult[]> {
    let waiting = this.#projectIds;
    let pause = 0;
    while (waiting.length > 0 && Date.now() + pause <= this.#delivery.deadline) {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      for (const result of await this.#request(waiting)) this.#keep(result);
      waiting = waiting.filter((projectId) => this.#isOpen(projectId));
      pause = this.#pauseFor(waiting);
    }
    return this.#projectIds.flatMap((projectId) => this.#results.get(projectId) ?? late(projectId));
  }

  /** The results of those of these projects that one request has reached, which is at least one. */
  async #request(projectIds: readonly string[]): Promise<ProjectResult[]> {
    const delivery = this.#delivery;
    const { server } = delivery;
    const body = `{"projectIds":${JSON.stringify(projectIds)},${delivery.body.slice(1)}`;
    const read = (response: Response) => resultsIn(response, projectIds, server);
    try {
      return (await deliverAndRead({ ...delivery, body, retries: 0 }, read)) as ProjectResult[];
    } catch (error) {
      return missed(projectIds, error as BroadcastError);
    }
  }

  #keep(result: ProjectResult): void {
    const { projectId } = result;
    this.#results.set(projectId, result);
    this.#attempts.set(projectId, this.#attemptsAt(projectId) + 1);
  }

  #attemptsAt(projectId: string): number {
    return this.#attempts.get(projectId) ?? 0;
  }

  /** Whether a project was not tried yet, or may be tried again. */
  #isOpen(projectId: string): boolean {
    const result = this.#results.get(projectId);
    if (result === undefined) return true;
    const isLast = this.#attemptsAt(projectId) > this.#delivery.retries;
    return !result.success && !isLast && mayPass(result.error);
  }

  /** Nothing has to wait for projects that were not tried. */
  #pauseFor(waiting: readonly string[]): number {
    const tried = waiting.filter((projectId) => this.#results.has(projectId));
    if (tried.length === 0) return 0;
    const asked = tried.map((projectId) => this.#askedFor(projectId));
    const attempts = tried.map((projectId) => this.#attemptsAt(projectId));
    return Math.max(...asked) + pauseBefore(Math.max(...attempts) - 1);
  }

  /** How long the server asks to wait. */
  #askedFor(projectId: string): number {
    const result = this.#results.get(projectId);
    return result?.success === false ? (result.error.retryAfterMs ?? 0) : 0;
  }
}

async function resultsIn(
  response: Response,
  projectIds: readonly string[],
  server: string,
): Promise<ProjectResult[]> {
  const asked = new Set(projectIds);
  const answer = readAnswer(await response.text());
  const results = (answer?.results ?? []).filter(({ projectId }) => asked.has(projectId));
  const { status } = response;
  // Otherwise this would never come to an end.
  if (results.length === 0) throw refusal({ status }, null, server);
  return results.map(({ projectId, status, ...result }) =>
    result.success === true
      ? ({ ...result, projectId } as ReachedProject)
      : { projectId, success: false, error: refusal({ ...result, status }, null, server) },
  );
}

function late(projectId: string): ProjectResult[] {
  const message = "There was no time left to reach this project";
  return missed([projectId], new BroadcastError("too_late", message));
}
