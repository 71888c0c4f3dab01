import { useRef } from "react";
import type { Project, Task } from "../../shared/board.ts";
import { cardId } from "./Card.tsx";
import { useSingleTask } from "./queries.ts";
import { goTo, useRoute } from "./route.ts";
import { TaskDialog } from "./TaskDialog.tsx";

/** A deleted task, and who deleted it if that is known. */
export interface Gone {
  by: string | undefined;
  /** Whether it can be restored. */
  isKept: boolean;
}

/** The task in the address. If somebody deletes it, its dialog stays open, so nobody loses what they are typing. */
export function OpenTask({ project, tasks }: { project: Project; tasks: Task[] }) {
  const { task: id } = useRoute();
  const listed = tasks.find((task) => task.id === id);
  const single = useSingleTask(id, listed !== undefined);
  const before = useRef<Task>(undefined);
  if (listed) before.current = listed;
  const known = [listed, before.current, single.data].find((task) => task?.id === id);
  if (!known || known.projectId !== project.id) return null;
  const close = () => {
    goTo({ task: undefined });
    document.getElementById(cardId(known.id))?.focus();
  };
  const gone = listed ? undefined : goneOf(single);
  return <TaskDialog key={known.id} task={known} gone={gone} onClose={close} />;
}

function goneOf({ data, isError }: ReturnType<typeof useSingleTask>): Gone | undefined {
  if (isError) return { by: undefined, isKept: false };
  return data?.deleted ? { by: data.deleted.by, isKept: true } : undefined;
}
