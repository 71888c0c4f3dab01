/** Which project a hook is about. */

import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { ProjectConnection } from "../core/project.ts";
import { currentProject, onChange, viewOf } from "./registry.ts";
import type { Store } from "./selected.ts";

/** A project's id, or null or undefined while it is not known yet. */
export type MaybeId = string | null | undefined;

/** The last argument of a hook. If left out, the hook uses the project that the page has open. */
export type ProjectArgument = [projectId?: MaybeId];

/** Which project is meant right now. Leaving the id out is different from not knowing it yet. */
export function useMeant(project: ProjectArgument): () => MaybeId {
  const isNamed = project.length > 0;
  const [projectId] = project;
  return useCallback(() => (isNamed ? projectId : currentProject()), [isNamed, projectId]);
}

/** Its connection. Undefined until there is one. */
export function useConnection(project: ProjectArgument): ProjectConnection | undefined {
  const meant = useMeant(project);
  return useSyncExternalStore(
    onChange,
    () => viewOf(meant()).connection,
    () => undefined,
  );
}

/** What its connection says of something: `initial` while there is none. */
export function useConnectionStore<S>(
  project: ProjectArgument,
  readFrom: (connection: ProjectConnection) => S,
  initial: S,
): Store<S> {
  const meant = useMeant(project);
  return useMemo(() => {
    const read = () => {
      const { connection } = viewOf(meant());
      return connection ? readFrom(connection) : initial;
    };
    return { subscribe: onChange, read, initial };
  }, [meant, readFrom, initial]);
}
