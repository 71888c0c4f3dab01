/** Asks what becomes of the fields of a task that two people have changed. */

import type { FieldConflict, UsedConflict } from "@validiant/realtime/offline";
import { useState } from "react";
import type { ChangeOfTask } from "./edits.ts";
import { FIELD_NAMES } from "./labels.ts";
import { Modal } from "./Modal.tsx";
import { useNameOf } from "./session.ts";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

type Choice = "merged" | "mine" | "theirs";

/** What a person has chosen for a field, and what they have made of the suggestion. */
interface Chosen {
  choice: Choice;
  merged: string;
}

interface ConflictDialogProps {
  conflict: UsedConflict;
  onClose: () => void;
}

/** Nothing is lost if it is closed: the question stays in the list of what is not saved. */
export function ConflictDialog({ conflict, onClose }: ConflictDialogProps) {
  const { ask, variables } = conflict.outcome;
  const { task, theirs } = variables as ChangeOfTask;
  const name = useNameOf()(theirs?.by);
  const [chosen, setChosen] = useState(() => ask.map(suggested));
  const choose = (place: number, change: Partial<Chosen>) =>
    setChosen(chosen.map((one, index) => (index === place ? { ...one, ...change } : one)));
  const save = () => {
    onClose();
    conflict.resolve(
      Object.fromEntries(ask.map((field, place) => [field.field, valueFor(field, chosen[place])])),
    );
  };
  const leave = () => {
    onClose();
    conflict.discard();
  };
  return (
    <Modal title={`“${task.title}” was changed twice`} onClose={onClose}>
      <p>
        {name} changed it{theirs && ` on ${TIME.format(new Date(theirs.at))}`}. You changed it on{" "}
        {TIME.format(conflict.at)}, without having seen that. What should stay?
      </p>
      <form action={save}>
        {ask.map((field, place) => (
          <Field
            key={field.field}
            field={field}
            name={name}
            chosen={chosen[place] ?? suggested(field)}
            onChange={(change) => choose(place, change)}
          />
        ))}
        <div className="conflict-actions">
          <button type="submit">Save</button>
          <button type="button" className="quiet" onClick={leave}>
            Discard my change
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface FieldProps {
  field: FieldConflict;
  /** Who has changed it too. */
  name: string;
  chosen: Chosen;
  onChange: (change: Partial<Chosen>) => void;
}

function Field(props: FieldProps) {
  const {
    field: { field, mine, theirs },
    name,
    chosen,
    onChange,
  } = props;
  const label = FIELD_NAMES[field as keyof typeof FIELD_NAMES];
  return (
    <fieldset className="conflict">
      <legend>{label}</legend>
      <Option {...props} choice="mine" text="Yours" shown={mine} />
      <Option {...props} choice="theirs" text={`From ${name}`} shown={theirs} />
      <Option {...props} choice="merged" text="Both" />
      <textarea
        aria-label={`${label}, both`}
        rows={2}
        value={chosen.merged}
        onChange={({ target }) => onChange({ choice: "merged", merged: target.value })}
      />
    </fieldset>
  );
}

interface OptionProps extends FieldProps {
  choice: Choice;
  text: string;
  shown?: unknown;
}

function Option({ field: { field }, chosen, onChange, choice, text, shown }: OptionProps) {
  return (
    <label>
      <input
        type="radio"
        name={field}
        checked={chosen.choice === choice}
        onChange={() => onChange({ choice })}
      />
      <b>{text}</b> {shown !== undefined && <span>{textOf(shown)}</span>}
    </label>
  );
}

function suggested({ merged }: FieldConflict): Chosen {
  return { choice: "merged", merged: textOf(merged) };
}

function valueFor({ mine, theirs }: FieldConflict, chosen: Chosen | undefined): unknown {
  if (chosen?.choice === "mine") return mine;
  return chosen?.choice === "merged" ? chosen.merged : theirs;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
