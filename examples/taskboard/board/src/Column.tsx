import { type ReactNode, useId } from "react";
import type { Status, Task, Unread } from "../../shared/board.ts";
import { Card } from "./Card.tsx";
import type { Drag, Press } from "./drag.ts";
import { STATUS_NAMES } from "./labels.ts";
import { columnOf, type Place, placeOf, placeTowards } from "./place.ts";

interface ColumnProps {
  status: Status;
  /** All the tasks of the board that are shown, in their order. */
  tasks: Task[];
  /** The ids of the tasks that are not saved yet. */
  unsaved: ReadonlySet<string>;
  /** What the user has not read of the comments. */
  unread: readonly Unread[];
  drag: Drag | undefined;
  onPress: Press;
  onMove: (task: Task, place: Place) => void;
  /** Shown above the tasks. */
  children: ReactNode;
}

export function Column({
  status,
  tasks,
  unsaved,
  unread,
  drag,
  onPress,
  onMove,
  children,
}: ColumnProps) {
  const titleId = useId();
  const here = columnOf(tasks, status);
  const isOver = drag?.place?.status === status;
  const landing = drag && isOver && isElsewhere(drag, tasks) && <Landing title={drag.task.title} />;
  return (
    <section
      className={`column column-${status}${isOver ? " column-over" : ""}`}
      aria-labelledby={titleId}
      data-column={status}
    >
      <h2 id={titleId}>
        {STATUS_NAMES[status]} <span className="count">{here.length}</span>
      </h2>
      {children}
      <ul>
        {!drag?.place?.after && landing}
        {here.flatMap((task) => [
          <Card
            key={task.id}
            task={task}
            isUnsaved={unsaved.has(task.id)}
            isDragged={task.id === drag?.task.id}
            unread={unread.filter(({ taskId }) => taskId === task.id)}
            onPress={onPress}
            onMove={(direction) => {
              const place = placeTowards(tasks, task, direction);
              if (place) onMove(task, place);
            }}
          />,
          drag?.place?.after === task.id && landing,
        ])}
      </ul>
    </section>
  );
}

/** Whether the dragged task would land somewhere new. */
function isElsewhere({ task, place }: Drag, tasks: Task[]): boolean {
  const { status, after } = placeOf(tasks, task);
  return place?.status !== status || place.after !== after;
}

/** Shows where the dragged card will land. */
function Landing({ title }: { title: string }) {
  return (
    <li key="landing" className="landing" aria-hidden="true">
      {title}
    </li>
  );
}
