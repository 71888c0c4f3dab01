import { useEffect, useState } from "react";
import { DUE_MAX, DUE_MIN } from "../../shared/board.ts";

/** Typing a date part by part makes several valid dates on the way. */
const TYPING_MS = 800;

interface DueFieldProps {
  dueOn: string | null;
  onDueOn: (dueOn: string | null) => void;
}

/** A day. It is saved when the field loses focus, or when it has not changed for a moment. */
export function DueField({ dueOn, onDueOn }: DueFieldProps) {
  const [draft, setDraft] = useState<{ day: string; isWhole: boolean }>();
  const save = () => {
    if (draft?.isWhole && (draft.day || null) !== dueOn) onDueOn(draft.day || null);
    setDraft(undefined);
  };
  useEffect(() => {
    if (!draft?.isWhole) return;
    const timer = setTimeout(save, TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <input
      type="date"
      min={DUE_MIN}
      max={DUE_MAX}
      value={draft?.day ?? dueOn ?? ""}
      onChange={({ target }) => setDraft({ day: target.value, isWhole: target.validity.valid })}
      onBlur={save}
    />
  );
}
