import { useState } from "react";

interface TextFormProps {
  label: string;
  action: string;
  maxLength?: number;
  /** Whether the dialog that it is in gives it the focus. */
  isFirst?: boolean;
  /** What is typed stays, and can't be sent. */
  isReadOnly?: boolean;
  onText: (text: string) => void;
}

/** One line and a button. It is empty again afterwards. */
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
        // React's own autoFocus comes before the dialog is shown, and the attribute is for that moment.
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
