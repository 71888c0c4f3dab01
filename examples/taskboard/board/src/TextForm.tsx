import { useState } from "react";

interface TextFormProps {
  label: string;
  action: string;
  maxLength?: number;
  /** Whether its dialog gives it the focus. */
  isFirst?: boolean;
  /** Keeps what is typed, but can't be sent. */
  isReadOnly?: boolean;
  onText: (text: string) => void;
}

/** One line and a button. Sending empties the line. */
export function TextForm({
  label,
  action,
  maxLength = 200,
  isFirst = false,
  isReadOnly = false,
  onText,
}: TextFormProps) {
  const [text, setText] = useState("");
  const submit = () => {
    if (text.trim() === "" || isReadOnly) return;
    onText(text.trim());
    setText("");
  };
  return (
    <form className="text-form" action={submit}>
      <input
        // React's autoFocus acts before the dialog is shown. The attribute acts when it is shown.
        ref={(input) => void input?.toggleAttribute("autofocus", isFirst)}
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={maxLength}
        readOnly={isReadOnly}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" disabled={isReadOnly}>
        {action}
      </button>
    </form>
  );
}
