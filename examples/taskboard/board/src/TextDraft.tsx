import { type KeyboardEvent, useState } from "react";

interface TextDraftProps {
  label: string;
  className: string;
  /** What is stored. */
  text: string;
  maxLength: number;
  placeholder?: string;
  /** Enter saves, where a new line has no meaning. */
  isOneLine?: boolean;
  /** An empty text takes back what is typed, where there must be one. */
  isRequired?: boolean;
  isReadOnly: boolean;
  onText: (text: string) => void;
}

/**
 * A text that is saved when it is left. What somebody else writes does not take away what is typed here, nor does it if
 * somebody deletes the task: it is read-only then, and can be copied.
 */
export function TextDraft({
  label,
  className,
  text,
  maxLength,
  placeholder,
  isOneLine = false,
  isRequired = false,
  isReadOnly,
  onText,
}: TextDraftProps) {
  const [draft, setDraft] = useState<string>();
  const save = () => {
    if (draft === undefined || isReadOnly) return;
    const typed = draft.trim();
    if (typed !== text && (typed || !isRequired)) onText(typed);
    setDraft(undefined);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (isOneLine || event.ctrlKey || event.metaKey)) save();
    else if (event.key === "Escape" && draft !== undefined && !isReadOnly) setDraft(undefined);
    else return;
    // Neither a new line, nor the end of the dialog.
    event.preventDefault();
  };
  return (
    <textarea
      className={className}
      aria-label={label}
      rows={1}
      value={draft ?? text}
      maxLength={maxLength}
      placeholder={placeholder}
      readOnly={isReadOnly}
      onChange={({ target }) => setDraft(target.value)}
      onBlur={save}
      onKeyDown={press}
    />
  );
}
