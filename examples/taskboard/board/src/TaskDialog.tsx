import { useOthersAt } from "@validiant/realtime/react";
import { useRef } from "react";
import { type Task, TITLE_MAX } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { Cursors } from "./Cursors.tsx";
import { useChangeTask, useDeleteTask, useEditTask } from "./changes.ts";
import { Comments } from "./comments/Comments.tsx";
import { Description } from "./description/Description.tsx";
import { Fields } from "./Fields.tsx";
import { Modal } from "./Modal.tsx";
import type { Gone } from "./OpenTask.tsx";
import { atTask, titleOf } from "./places.ts";
import { goTo } from "./route.ts";
import { useNameOf, useSession } from "./session.ts";
import { TextDraft } from "./TextDraft.tsx";

interface TaskDialogProps {
  task: Task;
  gone: Gone | undefined;
  onClose: () => void;
}

/** Everything about a task. Changes are saved at once, as long as the task exists. */
export function TaskDialog({ task, gone, onClose }: TaskDialogProps) {
  const change = useChangeTask();
  const isGone = gone !== undefined;
  const stage = useRef<HTMLDivElement>(null);
  return (
    <Modal title="Task" onClose={onClose} beside={<Viewers task={task} />} content={stage}>
      <Cursors projectId={task.projectId} at={atTask(task.id)} stage={stage} />
      <GoneNote task={task} gone={gone} />
      <TextDraft
        projectId={task.projectId}
        field={titleOf(task.id)}
        label="Title"
        className="task-title"
        text={task.title}
        maxLength={TITLE_MAX}
        isReadOnly={isGone}
        onText={(title, seen) => change({ ...task, title: seen }, { title })}
      />
      <Description task={task} isReadOnly={isGone} />
      <Fields task={task} isDisabled={isGone} onChange={(to) => change(task, to)} />
      <Comments task={task} isReadOnly={isGone} />
      {!isGone && <Delete task={task} />}
    </Modal>
  );
}

/** Who else has the task open. */
function Viewers({ task }: { task: Task }) {
  const viewers = useOthersAt(atTask(task.id), task.projectId);
  return (
    <ul className="viewers" aria-label="Also here">
      {viewers.map(({ userId, userName, leavesAt }) => (
        <li key={userId} className={leavesAt === undefined ? undefined : "leaving"}>
          <Avatar userId={userId} name={userName ?? userId} />
          <span className="hidden">{userName ?? userId}</span>
        </li>
      ))}
    </ul>
  );
}

/** Says who deleted the task, as soon as it is deleted. */
function GoneNote({ task, gone }: { task: Task; gone: Gone | undefined }) {
  const { me } = useSession();
  const nameOf = useNameOf();
  const edit = useEditTask();
  const actor = gone?.by === me.id ? "You" : nameOf(gone?.by);
  return (
    <div className="gone" role="alert">
      {gone && (
        <p>
          <b>{gone.isKept ? `${actor} deleted this task.` : "This task is gone."}</b> What you have
          typed is still here, so that you can copy it.
        </p>
      )}
      {gone?.isKept && (
        <button type="button" onClick={() => edit({ kind: "restore", task })}>
          Restore task
        </button>
      )}
    </div>
  );
}

function Delete({ task }: { task: Task }) {
  const remove = useDeleteTask();
  const click = () => {
    goTo({ task: undefined });
    remove(task);
  };
  return (
    <button type="button" className="danger" onClick={click}>
      Delete task
    </button>
  );
}
