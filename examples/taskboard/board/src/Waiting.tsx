/** What waits to be sent, what was refused, and what can be done about it. */

import { type QueueItem, useConflicts } from "@validiant/realtime/offline";
import { useEffect, useRef, useState } from "react";
import { ConflictDialog } from "./Conflict.tsx";
import { useHasNetwork } from "./connection.ts";
import { Modal } from "./Modal.tsx";
import { useSession } from "./session.ts";
import { notify, useToasts } from "./toasts.ts";
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

/** Says once of each act that needs somebody what has happened, and offers to do something about it. */
function useTell(onDecide: (actId: string) => void): void {
  const session = useSession();
  const { acts } = useActs();
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const act of acts) {
      if (isUnsaved(act) || told.current.has(act.id)) continue;
      told.current.add(act.id);
      const subject = subjectOf(act, session);
      if (act.state === "conflict") {
        const action = { label: "Decide", run: () => onDecide(act.id) };
        notify(`${subject} was changed by somebody else too`, { action, stays: true });
      } else {
        const action = { label: "Try again", run: () => session.offline.retry(act.id) };
        notify(`${subject} was not saved. ${refusalOf(act)}`, { action, stays: true });
      }
    }
  }, [acts, session, onDecide]);
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
      if (!isUndo || (event.target as Element).matches("input, textarea")) return;
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
