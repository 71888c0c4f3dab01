import { createPortal } from "react-dom";
import { useOpenDialog } from "./Modal.tsx";
import { dismiss, useToasts } from "./toasts.ts";

/** Screen readers hear them without being interrupted. */
export function Toasts() {
  const toasts = useToasts();
  const dialog = useOpenDialog();
  const log = (
    <div className="toasts" role="log" aria-label="Notices">
      {toasts.map(({ id, text }) => (
        <div key={id} className="toast">
          <span>{text}</span>
          <button type="button" className="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
  return dialog ? createPortal(log, dialog) : log;
}
