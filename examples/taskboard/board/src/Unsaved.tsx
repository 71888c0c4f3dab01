import { useHasNetwork } from "./connection.ts";

/** With a network this takes a moment only, and is not worth a word before it is a long one. */
export function Unsaved() {
  const hasNetwork = useHasNetwork();
  if (hasNetwork) return <span className="faint saving">Saving…</span>;
  return <span className="unsaved">Not saved yet</span>;
}
