import type { ReactNode } from "react";
import { PRIORITIES, STATUSES, type Task, type TaskChange } from "../../shared/board.ts";
import { DueField } from "./DueField.tsx";
import { PRIORITY_NAMES, STATUS_NAMES } from "./labels.ts";
import { columnOf, type Place, positionAt } from "./place.ts";
import { useTasks } from "./queries.ts";
import { useSession } from "./session.ts";

interface FieldsProps {
  task: Task;
  isDisabled: boolean;
  onChange: (change: TaskChange) => void;
}

/** The fields of a task that are chosen from a list, not typed. */
export function Fields({ task, isDisabled, onChange }: FieldsProps) {
  const { users } = useSession().config;
  const { tasks = [] } = useTasks(task.projectId);
  const column = columnOf(tasks, task.status);
  const place = column.findIndex(({ id }) => id === task.id);
  const positionFor = (to: Place) => positionAt(tasks, task.id, to);
  const moveTo = (target: number) => {
    const others = column.filter(({ id }) => id !== task.id);
    onChange({ position: positionFor({ status: task.status, after: others[target - 1]?.id }) });
  };
  return (
    <fieldset className="fields" disabled={isDisabled}>
      <Choice
        label="Status"
        value={task.status}
        choices={STATUSES.map((status) => [status, STATUS_NAMES[status]])}
        onChoice={(status) =>
          onChange({ status, position: positionFor({ status, after: undefined }) })
        }
      />
      <Choice
        label="Place in the column"
        value={String(place)}
        choices={column.map((_task, index) => [String(index), `${index + 1} of ${column.length}`])}
        onChoice={(target) => moveTo(Number(target))}
      />
      <Choice
        label="Priority"
        value={task.priority}
        choices={PRIORITIES.map((priority) => [priority, PRIORITY_NAMES[priority]])}
        onChoice={(priority) => onChange({ priority })}
      />
      <Choice
        label="Assignee"
        value={task.assigneeId ?? ""}
        choices={[["", "Nobody"], ...users.map(({ id, name }): [string, string] => [id, name])]}
        onChoice={(assigneeId) => onChange({ assigneeId: assigneeId || null })}
      />
      <Labelled label="Due date">
        <DueField dueOn={task.dueOn} onDueOn={(dueOn) => onChange({ dueOn })} />
      </Labelled>
    </fieldset>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  choices: (readonly [T, string])[];
  onChoice: (value: T) => void;
}

function Choice<T extends string>({ label, value, choices, onChoice }: ChoiceProps<T>) {
  return (
    <Labelled label={label}>
      <select value={value} onChange={({ target }) => onChoice(target.value as T)}>
        {choices.map(([choice, name]) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is in it
    <label>
      {label}
      {children}
    </label>
  );
}
