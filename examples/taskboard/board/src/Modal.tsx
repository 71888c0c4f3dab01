import {
  createContext,
  type ReactNode,
  type RefObject,
  use,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";

interface ModalProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

const OpenDialogContext = createContext<{
  dialog: HTMLElement | null;
  setDialog: (dialog: HTMLElement | null) => void;
}>({ dialog: null, setDialog: () => {} });

/** Knows which dialog is open, for all that is not in it is inert. */
export function ModalHost({ children }: { children: ReactNode }) {
  const [dialog, setDialog] = useState<HTMLElement | null>(null);
  return <OpenDialogContext value={{ dialog, setDialog }}>{children}</OpenDialogContext>;
}

/** The dialog that is open; nothing if none is. */
export function useOpenDialog(): HTMLElement | null {
  return use(OpenDialogContext).dialog;
}

/** A dialog over the page: Escape, the button and a click beside it close it. */
export function Modal({ title, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useShown(dialog);
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-labelledby={titleId}
      closedby="any"
      onClose={onClose}
    >
      <div className="modal-head">
        <h2 id={titleId}>{title}</h2>
        <button
          type="button"
          className="icon"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          ✕
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** Shows a dialog for as long as it is on the page. */
function useShown(dialog: RefObject<HTMLDialogElement | null>): void {
  const { setDialog } = use(OpenDialogContext);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
    setDialog(dialog.current);
    return () => {
      setDialog(null);
      // It went without being closed, and took the focus with it.
      if (document.activeElement === document.body)
        document.querySelector("main")?.focus({ preventScroll: true });
    };
  }, [dialog, setDialog]);
}
