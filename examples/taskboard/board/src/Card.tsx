import { avatarOf } from "@validiant/realtime";
import { useOthersAt } from "@validiant/realtime/react";
import type { CSSProperties, KeyboardEvent, MouseEvent } from "react";
import type { Status, Task, Unread } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import type { Press } from "./drag.ts";
import { dayInWords, isOverdue } from "./due.ts";
import { PRIORITY_NAMES, STATUS_NAMES } from "./labels.ts";
import { sentence } from "./lists.ts";
import { useMark } from "./marks.ts";
import { type Direction, statusBeside } from "./place.ts";
import { atTask } from "./places.ts";
import { goTo, hrefTo } from "./route.ts";
import { useNameOf } from "./session.ts";
import { Unsaved } from "./Unsaved.tsx";

/** The id by which the link in a task's card is found. */
export const cardId = (taskId: string) => `task-${taskId}`;

const VIEWERS_MAX = 3;

const KEYS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const SHORTCUTS = Object.keys(KEYS)
  .map((key) => `Shift+${key}`)
  .join(" ");

interface CardProps {
  task: Task;
  /** Whether the task, or a change to it, exists only in this page. */
  isUnsaved: boolean;
  isDragged: boolean;
  /** What of its comments the user has not read. */
  unread: readonly Unread[];
  onPress: Press;
  onMove: (direction: Direction) => void;
}

/** A task. Drag it, move it with its buttons or with Shift and an arrow key, or open it by its title. */
export function Card({ task, isUnsaved, isDragged, unread, onPress, onMove }: CardProps) {
  const { id, title } = task;
  const actorId = useMark(id);
  const press = (event: KeyboardEvent) => {
    const direction = KEYS[event.key];
    if (!event.shiftKey || !direction) return;
    event.preventDefault();
    onMove(direction);
  };
  const looks = [
    isDragged && "card-dragged",
    isUnsaved && "card-unsaved",
    actorId && "card-marked",
  ];
  return (
    <li
      className={["card", ...looks].filter(Boolean).join(" ")}
      style={actorId ? markedBy(actorId) : undefined}
      data-task={id}
      onPointerDown={(event) => onPress(event, task)}
    >
      <a
        id={cardId(id)}
        href={hrefTo({ task: id })}
        draggable={false}
        aria-keyshortcuts={SHORTCUTS}
        onClick={(event) => open(event, id)}
        onKeyDown={press}
      >
        {title}
      </a>
      {actorId && <Mark actorId={actorId} />}
      <div className="card-details">
        <Viewers task={task} />
        <Details task={task} unread={unread} />
        {isUnsaved && <Unsaved />}
        <span className="card-end">
          <Moves task={task} onMove={onMove} />
          {task.assigneeId && <Assignee userId={task.assigneeId} />}
        </span>
      </div>
    </li>
  );
}

function markedBy(userId: string): CSSProperties {
  return { "--mark": avatarOf({ userId, userName: null }).background } as CSSProperties;
}

/** Opens a task in this page, unless the user asks for a new tab or window. */
function open(event: MouseEvent, task: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo({ task });
}

/** Who has just changed the task. Screen readers get the notice instead. */
function Mark({ actorId }: { actorId: string }) {
  const [firstName] = useNameOf()(actorId).split(" ");
  return (
    <span className="card-mark" aria-hidden="true">
      {firstName}
    </span>
  );
}

/** Who has the task open. */
function Viewers({ task: { id, projectId } }: { task: Task }) {
  const viewers = useOthersAt(atTask(id), projectId);
  if (viewers.length === 0) return null;
  const names = viewers.map(({ userName, userId }) => userName ?? userId);
  return (
    <span className="card-viewers">
      {viewers.slice(0, VIEWERS_MAX).map(({ userId, userName }) => (
        <Avatar key={userId} userId={userId} name={userName ?? userId} />
      ))}
      <span className="hidden">{sentence(names, "here")}</span>
    </span>
  );
}

function Details({ task, unread }: { task: Task; unread: readonly Unread[] }) {
  const { priority, description, dueOn, comments } = task;
  return (
    <>
      <span className={`priority priority-${priority}`}>
        <span className="hidden">Priority: </span>
        {PRIORITY_NAMES[priority]}
      </span>
      {dueOn && (
        <span className={isOverdue(task) ? "overdue" : "faint"}>
          {isOverdue(task) ? "Overdue" : "Due"} <time dateTime={dueOn}>{dayInWords(dueOn)}</time>
        </span>
      )}
      {description && (
        <span className="faint">
          <span aria-hidden="true" title="It has a description">
            ≡
          </span>
          <span className="hidden">It has a description</span>
        </span>
      )}
      {comments > 0 && (
        <span className="faint">
          {comments} {comments === 1 ? "comment" : "comments"}
        </span>
      )}
      {unread.length > 0 && <News unread={unread} />}
    </>
  );
}

/** How many comments are new, and whether one of them mentions the user. */
function News({ unread }: { unread: readonly Unread[] }) {
  const count = unread.reduce((sum, { comments }) => sum + comments, 0);
  const isMentioned = unread.some(({ mentions }) => mentions > 0);
  return (
    <span className="unread">
      {isMentioned && <span aria-hidden="true">@ </span>}
      {count} new
      {isMentioned && <span className="hidden">, you are mentioned</span>}
    </span>
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

interface MovesProps {
  task: Task;
  onMove: (direction: Direction) => void;
}

function Moves({ task: { title, status }, onMove }: MovesProps) {
  const [before, after] = [statusBeside(status, -1), statusBeside(status, 1)];
  return (
    <span className="card-moves">
      {before && <Move title={title} to={before} sign="←" onMove={() => onMove("left")} />}
      {after && <Move title={title} to={after} sign="→" onMove={() => onMove("right")} />}
    </span>
  );
}

interface MoveProps {
  title: string;
  to: Status;
  sign: string;
  onMove: () => void;
}

function Move({ title, to, sign, onMove }: MoveProps) {
  return (
    <button
      type="button"
      className="icon"
      title={`Move to ${STATUS_NAMES[to]}`}
      aria-label={`Move “${title}” to ${STATUS_NAMES[to]}`}
      onClick={onMove}
    >
      {sign}
    </button>
  );
}
