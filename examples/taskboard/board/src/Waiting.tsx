/** What waits to be sent, what was refused, and what can be done about it. */

import { type QueueItem, useConflicts } from "@validiant/realtime/offline";
import { useEffect, useRef, useState } from "react";
import { ConflictDialog } from "./Conflict.tsx";
import { useHasNetwork } from "./connection.ts";
import { Modal } from "./Modal.tsx";
import { type Session, useSession } from "./session.ts";
import { dismiss, notify, OWN_UNDO, useToasts } from "./toasts.ts";
import {
  deedOf,
  isUnsaved,
  refusalOf,
  subjectOf,
  useActs,
  useAskBeforeLeaving,
} from "./unsaved.ts";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const STATES: Record<QueueItem["state"], string> = {
  waiting: "Waiting",
  sending: "Sending",
  refused: "Refused",
  conflict: "Needs a decision",
};

/**
 * How many changes wait, and how many need somebody. With a network, saving takes only a moment, and is
 * not mentioned.
 */
export function WaitingBadge({ isLive }: { isLive: boolean }) {
  const { acts, isOnline } = useActs();
  const hasNetwork = useHasNetwork();
  const [isOpen, setOpen] = useState(false);
  const [decidingId, decide] = useState<string>();
  const conflict = useConflicts(useSession().offline).find(({ id }) => id === decidingId);
  useAskBeforeLeaving();
  useTell(decide);
  useUndoKey();
  const waiting = acts.filter(isUnsaved).length;
  const needing = acts.length - waiting;
  const isDelayed = !(isLive && isOnline && hasNetwork);
  const texts = [
    waiting > 0 && isDelayed && `${waiting} not saved`,
    needing > 0 && `${needing} not accepted`,
  ].filter(Boolean);
  return (
    <>
      <output className="queue">
        {texts.length > 0 && (
          <button type="button" className="queue-badge" onClick={() => setOpen(true)}>
            {texts.join(", ")}
          </button>
        )}
      </output>
      {isOpen && (
        <WaitingDialog
          onDecide={(id) => {
            setOpen(false);
            decide(id);
          }}
          onClose={() => setOpen(false)}
        />
      )}
      {conflict && <ConflictDialog conflict={conflict} onClose={() => decide(undefined)} />}
    </>
  );
}

interface WaitingDialogProps {
  onDecide: (actId: string) => void;
  onClose: () => void;
}

function WaitingDialog({ onDecide, onClose }: WaitingDialogProps) {
  const { acts, isStored, retry, discard } = useActs();
  const last = acts.findLast(isUndoable);
  return (
    <Modal title="Not saved yet" onClose={onClose}>
      <p className="faint">
        {isStored
          ? "This device keeps these changes, and sends them when it can."
          : "This browser can't keep these changes: they are lost when you close the page."}
      </p>
      {acts.length === 0 && <p>Everything is saved.</p>}
      <ol className="queue-list">
        {acts.map((act) => (
          <li key={act.id}>
            <Act act={act} />
            {act === last && (
              <button type="button" className="small" onClick={() => discard(act.id)}>
                Undo
              </button>
            )}
            {act.state === "conflict" && (
              <button type="button" className="small" onClick={() => onDecide(act.id)}>
                Decide
              </button>
            )}
            {act.state === "refused" && (
              <>
                <button type="button" className="small" onClick={() => retry(act.id)}>
                  Try again
                </button>
                <button type="button" className="quiet small" onClick={() => discard(act.id)}>
                  Discard
                </button>
              </>
            )}
          </li>
        ))}
      </ol>
    </Modal>
  );
}

function Act({ act }: { act: QueueItem }) {
  const session = useSession();
  return (
    <span className="queue-act">
      <b>{deedOf(act)}</b> {subjectOf(act, session)}
      <span className="faint">
        {STATES[act.state]}, {TIME.format(act.at)}
        {act.state === "refused" && `. ${refusalOf(act)}`}
      </span>
    </span>
  );
}

/** Says of each act that needs somebody what has happened, for as long as nothing is done about it. */
function useTell(onDecide: (actId: string) => void): void {
  const session = useSession();
  const { acts } = useActs();
  /** The ids of the notices, by act. */
  const told = useRef(new Map<string, number>());
  useEffect(() => {
    const needing = new Map(acts.filter((act) => !isUnsaved(act)).map((act) => [act.id, act]));
    const over = [...told.current].filter(([id]) => !needing.has(id));
    for (const [id] of over) told.current.delete(id);
    if (over.length > 0) dismiss(over.map(([, toast]) => toast));
    for (const [id, act] of needing)
      if (!told.current.has(id)) told.current.set(id, tell(act, session, onDecide));
  }, [acts, session, onDecide]);
}

function tell(act: QueueItem, session: Session, onDecide: (actId: string) => void): number {
  const subject = subjectOf(act, session);
  if (act.state === "conflict") {
    const action = { label: "Decide", run: () => onDecide(act.id) };
    return notify(`${subject} was changed by somebody else too`, { action, stays: true });
  }
  const action = { label: "Try again", run: () => session.offline.retry(act.id) };
  return notify(`${subject} was not saved. ${refusalOf(act)}`, { action, stays: true });
}

/** Ctrl+Z takes back the last change while it waits. A notice that offers to undo something comes first. */
function useUndoKey(): void {
  const { offline } = useSession();
  const { acts } = useActs();
  const id = acts.findLast(isUndoable)?.id;
  const isOffered = useToasts().some(({ action }) => action?.isUndo);
  useEffect(() => {
    if (!id || isOffered) return;
    const press = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
      // A field has its own undo.
      if (!isUndo || (event.target as Element).matches(OWN_UNDO)) return;
      event.preventDefault();
      offline.discard(id);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [offline, id, isOffered]);
}

/** Whether it can be taken back, because nobody else can have it. */
function isUndoable({ state, attempts }: QueueItem): boolean {
  return state === "waiting" && attempts === 0;
}
