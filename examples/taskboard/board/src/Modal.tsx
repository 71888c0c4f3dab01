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
  /** Stands beside the title. */
  beside?: ReactNode;
  /** What is below the title, as long as it is. */
  content?: RefObject<HTMLDivElement | null>;
  children: ReactNode;
}

const OpenDialogContext = createContext<{
  dialog: HTMLElement | null;
  setDialog: (dialog: HTMLElement | null) => void;
}>({ dialog: null, setDialog: () => {} });

/** Knows which dialog is open, because everything outside it is inert. */
export function ModalHost({ children }: { children: ReactNode }) {
  const [dialog, setDialog] = useState<HTMLElement | null>(null);
  return <OpenDialogContext value={{ dialog, setDialog }}>{children}</OpenDialogContext>;
}

/** The open dialog, or null. */
export function useOpenDialog(): HTMLElement | null {
  return use(OpenDialogContext).dialog;
}

/** A dialog over the page. Escape, the button or a click outside closes it. */
export function Modal({ title, onClose, beside, content, children }: ModalProps) {
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
        {beside}
        <button
          type="button"
          className="icon"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          ✕
        </button>
      </div>
      <div ref={content} className="modal-content">
        {children}
      </div>
    </dialog>
  );
}

/** Shows a dialog for as long as it is mounted. */
function useShown(dialog: RefObject<HTMLDialogElement | null>): void {
  const { setDialog } = use(OpenDialogContext);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
    setDialog(dialog.current);
    return () => {
      setDialog(null);
      // It was removed without being closed, and the focus was lost with it.
      if (document.activeElement === document.body)
        document.querySelector("main")?.focus({ preventScroll: true });
    };
  }, [dialog, setDialog]);
}
