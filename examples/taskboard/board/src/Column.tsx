import { type DragEvent, type ReactNode, useId, useState } from "react";
import type { Status, Task } from "../../shared/board.ts";
import { Card, draggedTask } from "./Card.tsx";
import { STATUS_NAMES } from "./labels.ts";

interface ColumnProps {
  status: Status;
  tasks: Task[];
  onMove: (task: Pick<Task, "id" | "title">, status: Status) => void;
  /** What stands above the tasks. */
  children: ReactNode;
}

export function Column({ status, tasks, onMove, children }: ColumnProps) {
  const titleId = useId();
  const { isOver, ...dropHandlers } = useDrop((task) => {
    if (!tasks.some(({ id }) => id === task.id)) onMove(task, status);
  });
  return (
    <section
      className={`column column-${status}${isOver ? " column-over" : ""}`}
      aria-labelledby={titleId}
      {...dropHandlers}
    >
      <h2 id={titleId}>
        {STATUS_NAMES[status]} <span className="count">{tasks.length}</span>
      </h2>
      {children}
      <ul>
        {tasks.map((task) => (
          <Card key={task.id} task={task} onMove={(to) => onMove(task, to)} />
        ))}
      </ul>
    </section>
  );
}

/** Takes tasks that are dropped. */
function useDrop(onTask: (task: Pick<Task, "id" | "title">) => void) {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    onDragOver(event: DragEvent) {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop(event: DragEvent) {
      event.preventDefault();
      setOver(false);
      const task = draggedTask(event.dataTransfer);
      if (task) onTask(task);
    },
  };
}
