import { useTyping } from "@validiant/realtime/react";
import { useState } from "react";
import { COMMENT_MAX, type Task } from "../../../shared/board.ts";
import { toStored } from "../../../shared/mentions.ts";
import { commentsOn } from "../places.ts";
import { useSession } from "../session.ts";
import { MentionField } from "./MentionField.tsx";

interface CommentFormProps {
  task: Pick<Task, "id" | "projectId">;
  label: string;
  action: string;
  /** What is in it at first. */
  text?: string;
  /** Whether it takes the focus. */
  isFirst?: boolean;
  /** Keeps what is typed, but can't be sent. */
  isReadOnly?: boolean;
  /** Called with the text as it is kept: with ids for names. */
  onText: (text: string) => void;
  /** Closes the form. It is called after sending, too. */
  onCancel?: () => void;
}

/** A line for a comment. The others see that somebody is typing in it. Typing `@` offers the people to mention. */
export function CommentForm({
  task,
  label,
  action,
  text = "",
  isFirst = false,
  isReadOnly = false,
  onText,
  onCancel,
}: CommentFormProps) {
  const { users } = useSession().config;
  const [written, setWritten] = useState(text);
  const { keystroke, stop } = useTyping(commentsOn(task.id), task.projectId);
  const write = (next: string) => {
    setWritten(next);
    if (next.trim() === "") stop();
    else keystroke();
  };
  const submit = () => {
    if (written.trim() === "" || isReadOnly) return;
    onText(toStored(written.trim(), users));
    write("");
    onCancel?.();
  };
  return (
    <form className="text-form comment-form" action={submit}>
      <MentionField
        label={label}
        text={written}
        maxLength={COMMENT_MAX}
        isFirst={isFirst}
        isReadOnly={isReadOnly}
        onText={write}
        onLeave={stop}
        onEscape={onCancel}
      />
      <button type="submit" disabled={isReadOnly}>
        {action}
      </button>
      {onCancel && (
        <button type="button" className="quiet" onClick={onCancel}>
          Cancel
        </button>
      )}
    </form>
  );
}
