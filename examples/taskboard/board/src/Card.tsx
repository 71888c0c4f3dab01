import type { DragEvent, KeyboardEvent, MouseEvent } from "react";
import { STATUSES, type Status, type Task } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { PRIORITY_NAMES, STATUS_NAMES } from "./labels.ts";
import { goTo, hrefTo } from "./route.ts";
import { useNameOf } from "./session.ts";

/** By which the link of a task's card is found. */
export const cardId = (taskId: string) => `task-${taskId}`;

interface CardProps {
  task: Task;
  isDragged: boolean;
  /** Told the task that is dragged from now on; nothing when that ends. */
  onDrag: (task: Task | undefined) => void;
  onMove: (status: Status) => void;
}

/** A task: drag it, move it by its buttons or by Shift and an arrow key, open it by its title. */
export function Card({ task, isDragged, onDrag, onMove }: CardProps) {
  const { id, title, status } = task;
  const place = STATUSES.indexOf(status);
  const before = STATUSES[place - 1];
  const after = STATUSES[place + 1];
  const drag = ({ dataTransfer }: DragEvent) => {
    // Without data Firefox drags nothing.
    dataTransfer.setData("text/plain", title);
    dataTransfer.effectAllowed = "move";
    onDrag(task);
  };
  const press = (event: KeyboardEvent) => {
    const to = { ArrowLeft: before, ArrowRight: after }[event.key];
    if (!event.shiftKey || !to) return;
    event.preventDefault();
    onMove(to);
  };
  return (
    <li
      className={`card${isDragged ? " card-dragged" : ""}`}
      draggable
      onDragStart={drag}
      onDragEnd={() => onDrag(undefined)}
    >
      <a
        id={cardId(id)}
        href={hrefTo({ task: id })}
        draggable={false}
        aria-keyshortcuts="Shift+ArrowLeft Shift+ArrowRight"
        onClick={(event) => open(event, id)}
        onKeyDown={press}
      >
        {title}
      </a>
      <div className="card-details">
        <Details task={task} />
        <span className="card-end">
          <span className="card-moves">
            {before && <Move title={title} to={before} sign="←" onMove={onMove} />}
            {after && <Move title={title} to={after} sign="→" onMove={onMove} />}
          </span>
          {task.assigneeId && <Assignee userId={task.assigneeId} />}
        </span>
      </div>
    </li>
  );
}

/** Opens a task here, unless the user asks for a new tab or window. */
function open(event: MouseEvent, task: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo({ task });
}

function Details({ task: { priority, comments } }: { task: Task }) {
  return (
    <>
      <span className={`priority priority-${priority}`}>
        <span className="hidden">Priority: </span>
        {PRIORITY_NAMES[priority]}
      </span>
      {comments > 0 && (
        <span className="faint">
          {comments} {comments === 1 ? "comment" : "comments"}
        </span>
      )}
    </>
  );
}

function Assignee({ userId }: { userId: string }) {
  const name = useNameOf()(userId);
  return (
    <>
      <Avatar userId={userId} name={name} />
      <span className="hidden">Assigned to {name}</span>
    </>
  );
}

interface MoveProps {
  title: string;
  to: Status;
  sign: string;
  onMove: (status: Status) => void;
}

function Move({ title, to, sign, onMove }: MoveProps) {
  return (
    <button
      type="button"
      className="icon"
      title={`Move to ${STATUS_NAMES[to]}`}
      aria-label={`Move “${title}” to ${STATUS_NAMES[to]}`}
      onClick={() => onMove(to)}
    >
      {sign}
    </button>
  );
}
