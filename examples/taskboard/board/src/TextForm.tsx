import { useState } from "react";

interface TextFormProps {
  label: string;
  action: string;
  maxLength?: number;
  onText: (text: string) => void;
}

/** One line and a button. It is empty again afterwards. */
export function TextForm({ label, action, maxLength = 200, onText }: TextFormProps) {
  const [text, setText] = useState("");
  const submit = () => {
    if (text.trim() === "") return;
    onText(text.trim());
    setText("");
  };
  return (
    <form className="text-form" action={submit}>
      <input
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
