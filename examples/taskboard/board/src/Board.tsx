import { useEffect, useRef, useState } from "react";
import { type Project, STATUSES, type Status, type Task } from "../../shared/board.ts";
import { cardId } from "./Card.tsx";
import { Column } from "./Column.tsx";
import { useAddTask, useChangeTask } from "./changes.ts";
import { EmptyBoard } from "./EmptyBoard.tsx";
import { STATUS_NAMES } from "./labels.ts";
import { Note } from "./Note.tsx";
import { useTasks } from "./queries.ts";
import { goTo, useRoute } from "./route.ts";
import { TaskDialog } from "./TaskDialog.tsx";
import { TextForm } from "./TextForm.tsx";

/** A project's tasks, by status. */
export function Board({ project }: { project: Project }) {
  const { data: tasks, error } = useTasks(project.id);
  const { move, said } = useMove(project.id, tasks);
  const [dragged, drag] = useDragged();
  if (!tasks) return error && <Note title="The tasks can't be shown">{error.message}</Note>;
  return (
    <>
      <div className="board">
        {STATUSES.map((status) => (
          <Column
            key={status}
            status={status}
            tasks={tasks}
            dragged={dragged}
            onDrag={drag}
            onMove={move}
          >
            {status === "todo" && <AddTask projectId={project.id} />}
          </Column>
        ))}
      </div>
      {tasks.length === 0 && <EmptyBoard />}
      <output className="hidden">{said}</output>
      <OpenTask tasks={tasks} />
    </>
  );
}

function AddTask({ projectId }: { projectId: string }) {
  const { mutate } = useAddTask(projectId);
  const add = (title: string) =>
    mutate({ id: crypto.randomUUID(), title, status: "todo", priority: "medium" });
  return <TextForm label="What has to be done?" action="Add" onText={add} />;
}

/** The task in the address, until it is gone. */
function OpenTask({ tasks }: { tasks: Task[] }) {
  const route = useRoute();
  const task = tasks.find(({ id }) => id === route.task);
  if (!task) return null;
  const close = () => {
    goTo({ task: undefined });
    document.getElementById(cardId(task.id))?.focus();
  };
  return <TaskDialog key={task.id} task={task} onClose={close} />;
}

/** The task that is dragged, as it was when that began. */
function useDragged() {
  const [dragged, drag] = useState<Task>();
  useEffect(() => {
    if (!dragged) return;
    // The browser tells no end of a drag whose card was taken away. But no mouse moves until it ends.
    const end = () => drag(undefined);
    addEventListener("mousemove", end);
    return () => removeEventListener("mousemove", end);
  }, [dragged]);
  return [dragged, drag] as const;
}

/** Moves tasks. The focus goes along, and screen readers are told. */
function useMove(projectId: string, tasks: Task[] | undefined) {
  const { mutate } = useChangeTask(projectId);
  const [said, say] = useState("");
  const moved = useRef<{ id: string; status: Status } | undefined>(undefined);
  useEffect(() => {
    const { id, status } = moved.current ?? {};
    if (!tasks?.some((task) => task.id === id && task.status === status)) return;
    moved.current = undefined;
    if (id) document.getElementById(cardId(id))?.focus();
  }, [tasks]);
  const move = (task: Task, status: Status) => {
    moved.current = { id: task.id, status };
    say(`“${task.title}” is in ${STATUS_NAMES[status]} now.`);
    mutate({ id: task.id, change: { status } });
  };
  return { move, said };
}
