/** What was done and is not saved yet. It is in this page only. */

import { type QueryKey, useIsMutating, useMutationState } from "@tanstack/react-query";
import { useEffect } from "react";

/** What was done to a list, in the order in which it was done. */
export function useUnsaved<Variables>(queryKey: QueryKey): Variables[] {
  return useMutationState({
    filters: { mutationKey: queryKey, status: "pending" },
    select: (mutation) => mutation.state.variables as Variables,
  });
}

/** How many changes there are. While there are any, the browser asks before it closes the page. */
export function useUnsavedCount(): number {
  const count = useIsMutating();
  const isAny = count > 0;
  useEffect(() => {
    if (!isAny) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isAny]);
  return count;
}
