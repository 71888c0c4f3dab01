/** Opens the shared text of a task: its document, on this device and on the realtime server. */

import { type UseDocumentOptions, useDocument } from "@validiant/realtime/yjs/react";
import { useEffect, useMemo, useState } from "react";
import { IndexeddbPersistence } from "y-indexeddb";
import type { Doc, Transaction } from "yjs";
import { useHasNetwork } from "../connection.ts";
import { type Session, useSession } from "../session.ts";
import { mayWriteWith } from "./permission.ts";
import { noteText, type TextId } from "./unsaved.ts";

/** Some browsers' storage hangs. */
const PATIENCE_MS = 1_000;
const ASK_AGAIN_MS = 5_000;

/** When each document has what this device has kept of it. */
const loads = new WeakMap<Doc, Promise<unknown>>();

export type TextState = "saved" | "saving" | "offline" | "read-only";

/**
 * @param copy what the API has last read of the text. Undefined if it can't read it. Only a text that was
 * empty can be written before this device has it: nobody should write into a text that they can't see.
 */
export function useText({ id, projectId }: TextId, copy: string | undefined) {
  const session = useSession();
  const hasNetwork = useHasNetwork();
  const [mayWrite, setMayWrite] = useState(true);
  const isOpened = useOpened(id, session);
  const options = useMemo(
    () => optionsFor({ id, projectId }, session, setMayWrite),
    [id, projectId, session],
  );
  const document = useDocument(isOpened ? projectId : undefined, id, options);
  const { doc, awareness, status, synced, saved, error } = document;
  const isReady = useReady(doc, synced, copy);
  useEffect(() => {
    const { id: userId, name } = session.me;
    awareness?.setLocalStateField("user", { id: userId, name });
  }, [awareness, session]);
  const isDenied = !mayWrite || error?.code === "not_allowed";
  const isLive = hasNetwork && status.state === "online" && synced;
  const state = (): TextState => {
    if (isDenied) return "read-only";
    if (!isLive) return "offline";
    return saved ? "saved" : "saving";
  };
  return { doc, awareness, isReady, mayWrite: !isDenied, isSaved: synced && saved, state: state() };
}

/** Notes down that this device has changed a text, as soon as it has. */
export function useNoteChanges({ id, projectId }: TextId, doc: Doc | undefined): void {
  const { me } = useSession();
  useEffect(() => {
    const note = (_update: Uint8Array, _origin: unknown, _doc: Doc, { local }: Transaction) => {
      if (local) noteText(me.id, { id, projectId }, false);
    };
    doc?.on("update", note);
    return () => doc?.off("update", note);
  }, [doc, id, projectId, me]);
}

function optionsFor(
  { id, projectId }: TextId,
  { api, config, me, encryption }: Session,
  onPermission: (mayWrite: boolean) => void,
): UseDocumentOptions {
  const persistence = (doc: Doc) => {
    const kept = new IndexeddbPersistence(`taskboard-text/1/${me.id}/${id}`, doc);
    loads.set(doc, Promise.race([kept.whenSynced, waited()]));
    return kept;
  };
  const { realtimeUrl: host, needsToken } = config;
  const common = { host, identity: me.id, persistence, encryption };
  if (!needsToken) return { ...common, user: me };
  const getToken = async () => {
    // Before each connect: a text that nobody has opened yet is made of the description.
    await api.openText(id);
    const token = await api.realtimeToken(projectId);
    onPermission(mayWriteWith(token));
    return token;
  };
  return { ...common, getToken };
}

/** Without tokens there is nothing to fetch before each connect, so the API is told before the first one. */
function useOpened(id: string, { api, config }: Session): boolean {
  const [isOpened, setOpened] = useState(config.needsToken);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (isOpened) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    api.openText(id).then(
      () => {
        if (!isOver) setOpened(true);
      },
      () => {
        if (!isOver) timer = setTimeout(() => setAttempt(attempt + 1), ASK_AGAIN_MS);
      },
    );
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isOpened, id, api, attempt]);
  return isOpened;
}

/** Whether a text can be shown as it is on this device. Once it can, it stays so. */
function useReady(doc: Doc | undefined, isSynced: boolean, copy: string | undefined): boolean {
  const isLoaded = useLoaded(doc);
  const [readyDoc, setReadyDoc] = useState<Doc>();
  const hasSomething = isLoaded && (copy === "" || (doc && !isEmpty(doc)));
  const isReady = doc !== undefined && (isSynced || hasSomething || readyDoc === doc);
  useEffect(() => {
    if (isReady) setReadyDoc(doc);
  }, [isReady, doc]);
  return Boolean(isReady);
}

function useLoaded(doc: Doc | undefined): boolean {
  const [loaded, setLoaded] = useState<Doc>();
  useEffect(() => {
    if (!doc) return;
    let isWanted = true;
    void loads.get(doc)?.then(() => {
      if (isWanted) setLoaded(doc);
    });
    return () => {
      isWanted = false;
    };
  }, [doc]);
  return doc !== undefined && loaded === doc;
}

function isEmpty({ store }: Doc): boolean {
  return store.clients.size === 0;
}

function waited(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}
