import { useEffect } from "react";
import { createPortal } from "react-dom";
import { useOpenDialog } from "./Modal.tsx";
import { dismiss, hold, OWN_UNDO, release, type Toast, useToasts } from "./toasts.ts";

/**
 * Shows at most two notices at a time: the newest one with an action, and the newest of the others,
 * which says how many more there are. Screen readers announce all of them, without interrupting.
 */
export function Toasts() {
  const toasts = useToasts();
  const dialog = useOpenDialog();
  const actions = toasts.filter(({ action }) => action);
  const others = toasts.filter(({ action }) => !action);
  useUndoKey(actions);
  const log = (
    <div
      className="toasts"
      role="log"
      aria-label="Notices"
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocus={hold}
      onBlur={release}
    >
      <Stack toasts={others} />
      <Stack toasts={actions} />
    </div>
  );
  return dialog ? createPortal(log, dialog) : log;
}

/** The newest notice, with the number of those behind it. */
function Stack({ toasts }: { toasts: readonly Toast[] }) {
  const behind = toasts.slice(0, -1);
  const newest = toasts.at(-1);
  return (
    <>
      {behind.map(({ id, text }) => (
        <span key={id} className="hidden">
          {text}
        </span>
      ))}
      {newest && <Card key={newest.id} toast={newest} behind={behind} />}
    </>
  );
}

/** Ctrl+Z does what the newest “Undo” does: nobody could reach that with Tab in time. */
function useUndoKey(toasts: readonly Toast[]): void {
  const toast = toasts.findLast(({ action }) => action?.isUndo);
  useEffect(() => {
    if (!toast?.action) return;
    const { id, action } = toast;
    const press = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
      // A field has its own undo.
      if (!isUndo || (event.target as Element).matches(OWN_UNDO)) return;
      event.preventDefault();
      dismiss([id]);
      action.run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [toast]);
}

function Card({ toast, behind }: { toast: Toast; behind: readonly Toast[] }) {
  const { id, text, action } = toast;
  // A notice with an action is dismissed alone. Otherwise actions that nobody has seen would be lost.
  const ids = action ? [id] : [...behind.map((other) => other.id), id];
  return (
    <div className="toast">
      <Text text={text} />
      {behind.length > 0 && (
        <span className="toast-more" aria-hidden="true">
          +{behind.length}
        </span>
      )}
      {action && (
        <button
          type="button"
          className="toast-action"
          aria-keyshortcuts={action.isUndo ? "Control+Z" : undefined}
          title={action.isUndo ? "Ctrl+Z" : undefined}
          onClick={() => {
            dismiss([id]);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        className="icon"
        aria-label={ids.length > 1 ? "Dismiss all" : "Dismiss"}
        onClick={() => dismiss(ids)}
      >
        ✕
      </button>
    </div>
  );
}

/** On a phone it is one line, and the quoted title is shortened to fit. */
function Text({ text }: { text: string }) {
  const [, before, title, after] = /^(.*?)(“.*”)(.*)$/s.exec(text) ?? [];
  if (title === undefined) return <span className="toast-text">{text}</span>;
  return (
    <span className="toast-text">
      {before && <span>{before}</span>}
      <span className="toast-title">{title}</span>
      {after && <span>{after}</span>}
    </span>
  );
}
