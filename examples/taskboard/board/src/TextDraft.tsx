import { type KeyboardEvent, useId, useState } from "react";
import { useEditors, useTellEditing } from "./editing.ts";
import { sentence } from "./lists.ts";

interface TextDraftProps {
  projectId: string;
  /** What others who are editing the same are told apart by: see places.ts. */
  field: string;
  label: string;
  className: string;
  /** What is stored. */
  text: string;
  maxLength: number;
  isReadOnly: boolean;
  /** Gets what was typed, and what the user saw when they began. */
  onText: (text: string, seen: string) => void;
}

/**
 * A line that is saved when the field loses focus. An empty one is discarded. What is typed here stays
 * when somebody else changes the text, and others can see that somebody is editing it. It also stays when
 * somebody deletes the task: it is then read-only and can be copied.
 */
export function TextDraft({
  projectId,
  field,
  label,
  className,
  text,
  maxLength,
  isReadOnly,
  onText,
}: TextDraftProps) {
  const [draft, setDraft] = useState<string>();
  const [seen, setSeen] = useState(text);
  const editors = useEditors(projectId, field);
  const noteId = useId();
  useTellEditing(projectId, field, draft !== undefined && !isReadOnly);
  const save = () => {
    if (draft === undefined || isReadOnly) return;
    const typed = draft.trim();
    if (typed && typed !== text) onText(typed, seen);
    setDraft(undefined);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") save();
    else if (event.key === "Escape" && draft !== undefined && !isReadOnly) setDraft(undefined);
    else return;
    // Neither insert a new line nor close the dialog.
    event.preventDefault();
  };
  return (
    <div className="draft">
      <textarea
        className={className}
        aria-label={label}
        aria-describedby={noteId}
        rows={1}
        value={draft ?? text}
        maxLength={maxLength}
        readOnly={isReadOnly}
        onChange={({ target }) => {
          if (draft === undefined) setSeen(text);
          setDraft(target.value);
        }}
        onBlur={save}
        onKeyDown={press}
      />
      <output id={noteId} className="editing">
        {sentence(editors, `editing the ${label.toLowerCase()}`)}
      </output>
    </div>
  );
}
