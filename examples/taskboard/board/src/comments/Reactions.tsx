import { useRef, useState } from "react";
import { type Comment, EMOJIS, type Emoji, type Task } from "../../../shared/board.ts";
import { useEditComments } from "../changes.ts";
import { useNameOf, useSession } from "../session.ts";

const NAMES: Record<Emoji, string> = {
  "👍": "Thumbs up",
  "❤️": "Heart",
  "🎉": "Hooray",
  "😄": "Smile",
  "👀": "Looking at it",
  "✅": "Done",
};

interface ReactionsProps {
  task: Task;
  comment: Comment;
  isReadOnly?: boolean;
}

/** The reactions to a comment: each says who, and is the user's own to give or to take back. */
export function Reactions({ task, comment, isReadOnly = false }: ReactionsProps) {
  const { me } = useSession();
  const nameOf = useNameOf();
  const edit = useEditComments(task);
  return comment.reactions.map(({ emoji, userIds }) => {
    const isMine = userIds.includes(me.id);
    const names = userIds.map(nameOf).join(", ");
    return (
      <button
        key={emoji}
        type="button"
        className="reaction"
        aria-pressed={isMine}
        title={names}
        disabled={isReadOnly}
        onClick={() => edit({ kind: "react", comment, emoji, isOn: !isMine })}
      >
        <span aria-hidden="true">
          {emoji} {userIds.length}
        </span>
        <span className="hidden">
          {NAMES[emoji]}: {names}
        </span>
      </button>
    );
  });
}

/** Offers the reactions to choose from. */
export function ReactionPicker({ task, comment }: ReactionsProps) {
  const { me } = useSession();
  const edit = useEditComments(task);
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <>
      <button
        ref={opener}
        type="button"
        className="quiet small"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        React
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
        <span
          className="reaction-picker"
          role="group"
          aria-label="Reactions"
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            // It closes this, and not the dialog.
            event.preventDefault();
            close();
          }}
        >
          {EMOJIS.map((emoji) => (
            <button
              key={emoji}
              type="button"
              className="reaction"
              aria-label={NAMES[emoji]}
              title={NAMES[emoji]}
              onClick={() => {
                edit({ kind: "react", comment, emoji, isOn: !has(comment, emoji, me.id) });
                close();
              }}
            >
              {emoji}
            </button>
          ))}
        </span>
      )}
    </>
  );
}

function has({ reactions }: Comment, emoji: Emoji, userId: string): boolean {
  return reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId));
}
