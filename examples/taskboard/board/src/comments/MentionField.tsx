import { type KeyboardEvent, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { User } from "../../../shared/board.ts";
import { Avatar } from "../Avatar.tsx";
import { useSession } from "../session.ts";
import { suggestionsFor, withMention } from "./suggestions.ts";

interface MentionFieldProps {
  label: string;
  text: string;
  maxLength: number;
  isFirst: boolean;
  isReadOnly: boolean;
  onText: (text: string) => void;
  /** The focus has left it. */
  onLeave: () => void;
  onEscape: (() => void) | undefined;
}

/** A line in which people can be mentioned: a combobox, with the people in a list above it. */
export function MentionField(props: MentionFieldProps) {
  const { label, text, maxLength, isFirst, isReadOnly, onText, onLeave, onEscape } = props;
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const { users } = useSession().config;
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [isDismissed, setDismissed] = useState(false);
  const people = isDismissed || isReadOnly ? [] : suggestionsFor(text, caret, users);
  const optionId = (user: User | undefined) => user && `${listId}-${user.id}`;

  const write = (written: string, at: number) => {
    onText(written);
    setCaret(at);
    setActive(0);
    setDismissed(false);
  };
  const choose = (user: User) => {
    const chosen = withMention(text, caret, user);
    // At once, so that the next letter is typed behind the name.
    flushSync(() => write(chosen.text, chosen.caret));
    input.current?.setSelectionRange(chosen.caret, chosen.caret);
  };
  const press = (event: KeyboardEvent) => {
    const chosen = people[active];
    const step = STEPS[event.key];
    if (event.key === "Escape" && (chosen || onEscape)) {
      if (chosen) setDismissed(true);
      else onEscape?.();
    } else if (chosen && step) setActive((active + step + people.length) % people.length);
    else if (chosen && (event.key === "Enter" || event.key === "Tab")) choose(chosen);
    else return;
    // Neither send the form nor close the dialog.
    event.preventDefault();
  };
  return (
    <span className="mention-field">
      <input
        ref={input}
        // biome-ignore lint/a11y/noAutofocus: it appears because somebody asked for it
        autoFocus={isFirst}
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={people.length > 0}
        aria-controls={people.length > 0 ? listId : undefined}
        aria-activedescendant={optionId(people[active])}
        autoComplete="off"
        placeholder={label}
        value={text}
        maxLength={maxLength}
        readOnly={isReadOnly}
        onChange={({ target }) => write(target.value, target.selectionStart ?? 0)}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
        onKeyDown={press}
        onBlur={() => {
          setDismissed(true);
          onLeave();
        }}
      />
      {people.length > 0 && (
        <div id={listId} className="mention-list" role="listbox" aria-label="People">
          {people.map((user, place) => (
            <div
              key={user.id}
              id={optionId(user)}
              role="option"
              aria-selected={place === active}
              // Reached with the arrow keys, while the focus stays in the field.
              tabIndex={-1}
              // Before the field loses the focus.
              onPointerDown={(event) => {
                event.preventDefault();
                choose(user);
              }}
            >
              <Avatar userId={user.id} name={user.name} />
              {user.name}
            </div>
          ))}
        </div>
      )}
    </span>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
