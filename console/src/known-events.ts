/** The events that the app's backend sends, each with a payload to start from. */

export interface KnownEvent {
  readonly type: string;
  readonly what: string;
  payload(projectId: string): Record<string, unknown>;
}

const TASK = { taskId: "task-1" };

export const KNOWN_EVENTS: readonly KnownEvent[] = [
  {
    type: "TASK_CREATED",
    what: "a task was created",
    payload: (projectId) => ({
      ...TASK,
      projectId,
      status: "todo",
      priority: "high",
      createdBy: "ann",
    }),
  },
  {
    type: "TASK_UPDATED",
    what: "fields of a task changed",
    payload: (projectId) => ({ ...TASK, projectId, status: "in_progress", priority: "high" }),
  },
  {
    type: "TASK_STATUS_CHANGED",
    what: "only its status changed",
    payload: (projectId) => ({ ...TASK, projectId, status: "completed" }),
  },
  {
    type: "TASK_ASSIGNED",
    what: "somebody was assigned or unassigned",
    payload: (projectId) => ({ ...TASK, projectId, assigneeId: "ben", removed: false }),
  },
  {
    type: "TASK_DELETED",
    what: "a task was deleted",
    payload: (projectId) => ({ ...TASK, projectId }),
  },
];

export function examplePayload(type: string, projectId: string): string {
  const event = KNOWN_EVENTS.find((known) => known.type === type);
  return JSON.stringify(event?.payload(projectId) ?? {}, null, 2);
}
