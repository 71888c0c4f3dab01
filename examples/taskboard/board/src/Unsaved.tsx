import { useHasNetwork } from "./connection.ts";

/** With a network, saving takes only a moment. It is mentioned only if it takes long. */
export function Unsaved() {
  const hasNetwork = useHasNetwork();
  if (hasNetwork) return <span className="faint saving">Saving…</span>;
  return <span className="unsaved">Not saved yet</span>;
}
