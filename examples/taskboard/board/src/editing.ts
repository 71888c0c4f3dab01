/** Soft locks: who is editing a field. Nobody is kept from editing it, but everybody can see it. */

import { useMyPresence, useOthers } from "@validiant/realtime/react";
import { useEffect } from "react";

/** Tells the others that the user is editing a field, for as long as it is so. */
export function useTellEditing(projectId: string, field: string, isEditing: boolean): void {
  const [, setPresence] = useMyPresence(projectId);
  useEffect(() => {
    if (!isEditing) return;
    setPresence({ editing: field });
    return () => setPresence({ editing: null });
  }, [isEditing, field, setPresence]);
}

/** The names of the others who are editing a field. */
export function useEditors(projectId: string, field: string): string[] {
  return useOthers(
    (others) =>
      others
        .filter(({ connections }) => connections.some(({ data }) => data.editing === field))
        .map(({ userName, userId }) => userName ?? userId),
    undefined,
    projectId,
  );
}
