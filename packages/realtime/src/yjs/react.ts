"use client";

/** Documents that several people change at the same time, in React. */

import { useEffect, useInsertionEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { ServerAndSignIn } from "../core/project.ts";
import type { MaybeId } from "../react/meant.ts";
import { identityOf, onChange as onProjectChange } from "../react/registry.ts";
import { useTracked } from "../react/tracked.ts";
import {
  type DocumentExtras,
  hold,
  IDLE,
  onChange,
  renew,
  serverOf,
  type UsedDocument,
  viewOf,
} from "./registry.ts";

export type { DocumentExtras, UsedDocument } from "./registry.ts";

/** Options of {@link useDocument}. Without a server, they are those of the project's connection. */
export type UseDocumentOptions = DocumentExtras &
  (
    | ServerAndSignIn
    | { host?: undefined; getToken?: undefined; user?: undefined; identity?: undefined }
  );

/**
 * Opens a document of a project while the component is mounted. Returns the Yjs document, its awareness,
 * and how its connection is. The component renders again only when something that it reads has changed,
 * never for what people type.
 *
 * All components of a page share one document with the same id. It uses the server and the token of the
 * project that `useProjectRealtime` has open, unless you pass them. When the last component unmounts, the
 * document stays open for 1.5 s, or until what was typed is saved.
 */
export function useDocument(
  projectId: MaybeId,
  docId: MaybeId,
  options?: UseDocumentOptions,
): UsedDocument {
  const current = (): ServerAndSignIn | undefined =>
    options?.host === undefined ? serverOf(projectId ?? "") : options;
  const identity = useSyncExternalStore(
    onProjectChange,
    () => {
      const server = current();
      return server && identityOf(server);
    },
    () => undefined,
  );
  const latest = useRef(current);
  const extras = useRef(options);
  useInsertionEffect(() => {
    latest.current = current;
    extras.current = options;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: new options with the same identity make no new connection
  useEffect(() => {
    const server = latest.current();
    if (!projectId || !docId || !server) return;
    return hold(projectId, docId, { server, persistence: extras.current?.persistence });
  }, [projectId, docId, identity]);
  useEffect(() => {
    const server = latest.current();
    if (projectId && docId && server)
      renew(projectId, docId, { server, persistence: extras.current?.persistence });
  });
  const source = useMemo(
    () => ({ subscribe: onChange, read: () => viewOf(projectId, docId), initial: IDLE }),
    [projectId, docId],
  );
  return useTracked(source);
}
