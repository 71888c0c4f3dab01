/** Changes that are not saved yet. They exist only in this page. */

import { type QueryKey, useIsMutating, useMutationState } from "@tanstack/react-query";
import { useEffect } from "react";

/** The unsaved changes to a list, in the order in which they were made. */
export function useUnsaved<Variables>(queryKey: QueryKey): Variables[] {
  return useMutationState({
    filters: { mutationKey: queryKey, status: "pending" },
    select: (mutation) => mutation.state.variables as Variables,
  });
}

/** The number of unsaved changes that somebody would miss. While there are any, the browser asks before it closes the page. */
export function useUnsavedCount(): number {
  const count = useIsMutating({ predicate: ({ meta }) => meta?.isMissed !== false });
  const isAny = count > 0;
  useEffect(() => {
    if (!isAny) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isAny]);
  return count;
}
