import { type DragEvent, type ReactNode, useId, useState } from "react";
import type { Status, Task } from "../../shared/board.ts";
import { Card } from "./Card.tsx";
import { STATUS_NAMES } from "./labels.ts";

interface ColumnProps {
  status: Status;
  /** Those of the whole board, in their order. */
  tasks: Task[];
  /** The task that is dragged, as it was when that began. */
  dragged: Task | undefined;
  onDrag: (task: Task | undefined) => void;
  onMove: (task: Task, status: Status) => void;
  /** What stands above the tasks. */
  children: ReactNode;
}

export function Column({ status, tasks, dragged, onDrag, onMove, children }: ColumnProps) {
  const titleId = useId();
  const isHere = (task: Task) => task.status === status;
  const present = tasks.find(({ id }) => id === dragged?.id);
  const { isOver, ...dropHandlers } = useDrop(present, (task) => {
    onDrag(undefined);
    if (!isHere(task)) onMove(task, status);
  });
  const lands = (task: Task) => isOver && task === present;
  return (
    <section
      className={`column column-${status}${isOver ? " column-over" : ""}`}
      aria-labelledby={titleId}
      {...dropHandlers}
    >
      <h2 id={titleId}>
        {STATUS_NAMES[status]} <span className="count">{tasks.filter(isHere).length}</span>
      </h2>
      {children}
      <ul>
        {tasks
          .filter((task) => isHere(task) || lands(task))
          .map((task) =>
            isHere(task) ? (
              <Card
                key={task.id}
                task={task}
                // Somebody else may have moved it meanwhile.
                isDragged={task.id === dragged?.id && task.status === dragged.status}
                onDrag={onDrag}
                onMove={(to) => onMove(task, to)}
              />
            ) : (
              <Landing key={task.id} title={task.title} />
            ),
          )}
      </ul>
    </section>
  );
}

/** Where the card that is dragged will be. */
function Landing({ title }: { title: string }) {
  return (
    <li className="landing" aria-hidden="true">
      {title}
    </li>
  );
}

/** Takes the task that is dragged when it is dropped. */
function useDrop(dragged: Task | undefined, onTask: (task: Task) => void) {
  const [isOver, setOver] = useState(false);
  return {
    isOver: isOver && dragged !== undefined,
    onDragOver(event: DragEvent) {
      // A file or a text is none of ours.
      if (!dragged) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop(event: DragEvent) {
      if (!dragged) return;
      event.preventDefault();
      setOver(false);
      onTask(dragged);
    },
  };
}
