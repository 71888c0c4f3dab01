import { uuidv7 } from "@validiant/realtime/offline";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Project, STATUSES, type Task } from "../../shared/board.ts";
import { Column } from "./Column.tsx";
import { Cursors } from "./Cursors.tsx";
import { useEditTask } from "./changes.ts";
import { type Drag, useDrag } from "./drag.ts";
import { EmptyBoard } from "./EmptyBoard.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { isFiltering, matches, NO_FILTER } from "./filter.ts";
import { useMove } from "./move.ts";
import { Note } from "./Note.tsx";
import { OpenTask } from "./OpenTask.tsx";
import { type Place, placeOf, positionAt } from "./place.ts";
import { BOARD } from "./places.ts";
import { useTasks, useUnread } from "./queries.ts";
import { useSession } from "./session.ts";
import { TextForm } from "./TextForm.tsx";

const NONE: Task[] = [];

/** A project's tasks, by status. */
export function Board({ project }: { project: Project }) {
  const { me } = useSession();
  const { tasks = NONE, unsaved, error, isLoading } = useTasks(project.id);
  const unread = useUnread(project.id);
  const [filter, setFilter] = useState(NO_FILTER);
  const shown = useMemo(
    () => tasks.filter((task) => matches(task, filter, me.id)),
    [tasks, filter, me],
  );
  const { move, said } = useMove(tasks);
  const drop = (task: Task, place: Place) => {
    if (!isSame(place, placeOf(shown, task))) move(task, place);
  };
  const { drag, press, cancel, ghostRef, boardRef } = useDrag(drop);
  const stage = useRef<HTMLDivElement>(null);
  useLetGo(drag, tasks, cancel);
  if (isLoading) return error && <Note title="The tasks can't be shown">{error.message}</Note>;
  return (
    <>
      {tasks.length > 0 && (
        <FilterBar filter={filter} onFilter={setFilter} shown={shown.length} total={tasks.length} />
      )}
      <div className="stage" ref={stage}>
        <Cursors projectId={project.id} at={BOARD} stage={stage} />
        <div className="board" ref={boardRef}>
          {STATUSES.map((status) => (
            <Column
              key={status}
              status={status}
              tasks={shown}
              unsaved={unsaved}
              unread={unread}
              drag={drag}
              onPress={press}
              onMove={move}
            >
              {status === "todo" && (
                <AddTask projectId={project.id} tasks={tasks} onAdd={() => setFilter(NO_FILTER)} />
              )}
            </Column>
          ))}
        </div>
      </div>
      {tasks.length === 0 && <EmptyBoard />}
      {tasks.length > 0 && shown.length === 0 && isFiltering(filter) && (
        <Note title="No tasks match">
          <p>Search for something else, or show all.</p>
        </Note>
      )}
      <output className="hidden">{said}</output>
      {drag && (
        <div className="card ghost" ref={ghostRef} style={{ width: drag.width }} aria-hidden="true">
          {drag.task.title}
        </div>
      )}
      <OpenTask project={project} tasks={tasks} />
    </>
  );
}

interface AddTaskProps {
  projectId: string;
  tasks: Task[];
  /** A new task must not be hidden by a filter. */
  onAdd: () => void;
}

/** A new task goes to the top, where it is visible. */
function AddTask({ projectId, tasks, onAdd }: AddTaskProps) {
  const edit = useEditTask();
  const add = (title: string) => {
    const id = uuidv7();
    const position = positionAt(tasks, id, { status: "todo", after: undefined });
    const given = { id, projectId, title, position };
    const usual = {
      status: "todo",
      priority: "medium",
      description: "",
      version: 0,
      comments: 0,
    } as const;
    onAdd();
    edit({ kind: "add", task: { ...given, ...usual, assigneeId: null, dueOn: null } });
  };
  return <TextForm label="What has to be done?" action="Add" onText={add} />;
}

/** Cancels the drag if somebody else has moved or deleted the task: what would be dropped is gone. */
function useLetGo(drag: Drag | undefined, tasks: Task[], cancel: () => void): void {
  const before = drag?.task;
  const now = before && tasks.find(({ id }) => id === before.id);
  const isStill = now?.status === before?.status && now?.position === before?.position;
  useEffect(() => {
    if (!isStill) cancel();
  }, [isStill, cancel]);
}

function isSame(one: Place, other: Place): boolean {
  return one.status === other.status && one.after === other.after;
}
