import { type KeyboardEvent, useState } from "react";
import { PRIORITIES, STATUSES, type Task, type TaskChange } from "../../shared/board.ts";
import { Comments } from "./Comments.tsx";
import { useChangeTask, useDeleteTask } from "./changes.ts";
import { PRIORITY_NAMES, STATUS_NAMES } from "./labels.ts";
import { Modal } from "./Modal.tsx";
import { useSession } from "./session.ts";

/** All of a task. What is changed here is saved at once. */
export function TaskDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { mutate } = useChangeTask(task.projectId);
  const { mutate: remove } = useDeleteTask(task.projectId);
  const change = (to: TaskChange) => mutate({ id: task.id, change: to });
  return (
    <Modal title="Task" onClose={onClose}>
      <Title title={task.title} onTitle={(title) => change({ title })} />
      <Fields task={task} onChange={change} />
      <Comments task={task} />
      <button type="button" className="danger" onClick={() => remove(task.id)}>
        Delete task
      </button>
    </Modal>
  );
}

/** What somebody else writes does not take away what is typed here. */
function Title({ title, onTitle }: { title: string; onTitle: (title: string) => void }) {
  const [draft, setDraft] = useState<string>();
  const save = () => {
    const text = draft?.trim();
    if (text && text !== title) onTitle(text);
    setDraft(undefined);
  };
  const press = (event: KeyboardEvent) => {
    const isChanged = draft !== undefined;
    if (event.key === "Enter") save();
    else if (event.key === "Escape" && isChanged) setDraft(undefined);
    else return;
    // Neither a new line, nor the end of the dialog.
    event.preventDefault();
  };
  return (
    <textarea
      className="task-title"
      aria-label="Title"
      rows={1}
      value={draft ?? title}
      maxLength={200}
      onChange={({ target }) => setDraft(target.value)}
      onBlur={save}
      onKeyDown={press}
    />
  );
}

function Fields({ task, onChange }: { task: Task; onChange: (change: TaskChange) => void }) {
  const { users } = useSession().config;
  const statuses = STATUSES.map((status) => [status, STATUS_NAMES[status]] as const);
  const priorities = PRIORITIES.map((priority) => [priority, PRIORITY_NAMES[priority]] as const);
  const assignees = [["", "Nobody"] as const, ...users.map(({ id, name }) => [id, name] as const)];
  return (
    <div className="fields">
      <Field
        label="Status"
        value={task.status}
        choices={statuses}
        onChoice={(status) => onChange({ status })}
      />
      <Field
        label="Priority"
        value={task.priority}
        choices={priorities}
        onChoice={(priority) => onChange({ priority })}
      />
      <Field
        label="Assignee"
        value={task.assigneeId ?? ""}
        choices={assignees}
        onChoice={(assigneeId) => onChange({ assigneeId: assigneeId || null })}
      />
    </div>
  );
}

interface FieldProps<T extends string> {
  label: string;
  value: T;
  choices: (readonly [T, string])[];
  onChoice: (value: T) => void;
}

function Field<T extends string>({ label, value, choices, onChoice }: FieldProps<T>) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ target }) => onChoice(target.value as T)}>
        {choices.map(([choice, name]) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
