import { useState } from "react";

interface TextFormProps {
  label: string;
  action: string;
  maxLength?: number;
  /** Whether the dialog that it is in gives it the focus. */
  isFirst?: boolean;
  onText: (text: string) => void;
}

/** One line and a button. It is empty again afterwards. */
export function TextForm({
  label,
  action,
  maxLength = 200,
  isFirst = false,
  onText,
}: TextFormProps) {
  const [text, setText] = useState("");
  const submit = () => {
    if (text.trim() === "") return;
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
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit">{action}</button>
    </form>
  );
}
