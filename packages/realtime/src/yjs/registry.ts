/**
 * The documents that this page has open: one provider each, however many components use it.
 *
 * Providers are made only in effects, so none is made during server rendering.
 */

import type { Awareness } from "y-protocols/awareness";
import { Doc } from "yjs";
import { Emitter, report, type Unsubscribe } from "../core/emitter.ts";
import type { RealtimeOptions, ServerAndSignIn } from "../core/project.ts";
import { type Cause, CONNECTING, isOver, type RealtimeStatus } from "../core/status.ts";
import { AccountWatch } from "../react/account.ts";
import { identityOf, onCheck, optionsOf } from "../react/registry.ts";
import type { Persistence } from "./options.ts";
import { DocumentProvider } from "./provider.ts";

/** For how long a document stays open when no component uses it, as a project does. */
const LINGER_MS = 1_500;

/** A document as components see it. A new object on each change. */
export interface UsedDocument {
  /** The document: undefined until the component is mounted. */
  readonly doc: Doc | undefined;
  /** Who else is here, for an editor. Undefined until the component is mounted. */
  readonly awareness: Awareness | undefined;
  /** The status of the connection: `connecting` while there is none. */
  readonly status: RealtimeStatus;
  /** Whether the connection has brought everything that the server had. */
  readonly synced: boolean;
  /** Whether everything in the document is durable on the server. */
  readonly saved: boolean;
  /** How many parts of an encrypted document can't be read, because their key is not there yet. */
  readonly undecryptable: number;
  /** What keeps this client from working: it may only read, or it has stopped. */
  readonly error: Cause | undefined;
}

/** No document. */
export const IDLE: UsedDocument = {
  doc: undefined,
  awareness: undefined,
  status: CONNECTING,
  synced: false,
  saved: true,
  undecryptable: 0,
  error: undefined,
};

/** What a component may say about a document. */
export interface DocumentExtras {
  /**
   * Makes what keeps the document on this device: `(doc) => new IndexeddbPersistence("p1/t1", doc)`. Put
   * the user's id into the name if several people use the device. Its `destroy()` is called at the end.
   */
  persistence?: ((doc: Doc) => Persistence & { destroy?(): unknown }) | undefined;
}

/** What the hook knows about a document when it opens it. */
export type OpenOptions = DocumentExtras & { server: ServerAndSignIn };

interface Slot {
  readonly key: string;
  readonly projectId: string;
  readonly docId: string;
  view: UsedDocument;
  options: OpenOptions;
  provider: DocumentProvider | undefined;
  persistence: (Persistence & { destroy?(): unknown }) | undefined;
  account: AccountWatch | undefined;
  /** How many components use it. */
  holders: number;
  closing: ReturnType<typeof setTimeout> | undefined;
  /** Whether it has stayed for longer than it would have to. */
  isUnwanted: boolean;
}

const slots = new Map<string, Slot>();
const emitter = new Emitter();

onCheck(() => {
  for (const { provider } of slots.values()) provider?.check();
});

/** Calls `listener` whenever a view may have changed. */
export function onChange(listener: () => void): Unsubscribe {
  return emitter.on("change", listener);
}

/** The current view of a document. */
export function viewOf(projectId: unknown, docId: unknown): UsedDocument {
  return slots.get(keyOf(projectId, docId))?.view ?? IDLE;
}

/** Keeps the document open until the returned function is called. */
export function hold(projectId: string, docId: string, options: OpenOptions): Unsubscribe {
  const slot = slots.get(keyOf(projectId, docId)) ?? opened(projectId, docId, options);
  if (identityOf(options.server) !== identityOf(slot.options.server)) reopen(slot, options);
  slot.holders += 1;
  clearTimeout(slot.closing);
  slot.closing = undefined;
  slot.isUnwanted = false;
  return () => release(slot);
}

/** Newer options of the same server and user: the latest `getToken` is the one that is called. */
export function renew(projectId: string, docId: string, options: OpenOptions): void {
  const slot = slots.get(keyOf(projectId, docId));
  if (!slot || identityOf(options.server) !== identityOf(slot.options.server)) return;
  slot.options = options;
  slot.account?.given(options.server.getToken);
}

/** The options of the page's connection to a project, without what only a project has. */
export function serverOf(projectId: string): ServerAndSignIn | undefined {
  const options: RealtimeOptions | undefined = optionsOf(projectId);
  if (!options) return undefined;
  const { since: _, ...server } = options;
  return server;
}

function keyOf(projectId: unknown, docId: unknown): string {
  return `${projectId}/${docId}`;
}

function opened(projectId: string, docId: string, options: OpenOptions): Slot {
  const key = keyOf(projectId, docId);
  const slot: Slot = {
    ...{ key, projectId, docId, options, view: IDLE, holders: 0 },
    ...{ provider: undefined, persistence: undefined, account: undefined, closing: undefined },
    isUnwanted: false,
  };
  slots.set(key, slot);
  open(slot);
  return slot;
}

function open(slot: Slot): void {
  const { projectId, docId, options } = slot;
  const { server } = options;
  const doc = new Doc();
  slot.persistence = persistenceOf(options, doc);
  const given = { ...server, projectId, docId, doc, persistence: slot.persistence };
  // The latest one that any component passed: the component that opened the document may be gone.
  const getToken: ServerAndSignIn["getToken"] = (context) =>
    slot.options.server.getToken?.(context) ?? "";
  const provider = new DocumentProvider(
    server.getToken ? { ...given, getToken, user: undefined } : given,
  );
  slot.provider = provider;
  // An app that says who is signed in does not need to be asked.
  if (server.identity === undefined && server.getToken)
    slot.account = new AccountWatch(server.getToken, () => provider.look());
  follow(slot, provider);
}

function persistenceOf({ persistence }: OpenOptions, doc: Doc): Slot["persistence"] {
  try {
    return persistence?.(doc);
  } catch (error) {
    // A private window may have no storage: the document works without it.
    report(error);
    return undefined;
  }
}

function follow(slot: Slot, provider: DocumentProvider): void {
  const look = () => {
    if (slot.provider !== provider) return;
    const { doc, awareness, status, synced, saved, undecryptable, error } = provider;
    slot.view = { doc, awareness, status, synced, saved, undecryptable, error };
    emitter.emit("change", undefined);
    // It may have stayed only to save what nobody looks at any more.
    if (slot.isUnwanted && !hasMore(slot)) leave(slot);
  };
  for (const type of ["status", "synced", "saved", "undecryptable", "error"] as const)
    provider.on(type, look);
  // Another user has signed in, who gets a document of their own.
  provider.on("status", ({ state, check, code }) => {
    if (state === "stopped" && check === "user" && !code && slot.provider === provider)
      reopen(slot, slot.options);
  });
  look();
}

function reopen(slot: Slot, options: OpenOptions): void {
  end(slot);
  slot.options = options;
  open(slot);
}

function release(slot: Slot): void {
  slot.holders -= 1;
  if (slot.holders > 0) return;
  slot.closing = setTimeout(() => leave(slot), LINGER_MS);
  globalThis.addEventListener?.("pagehide", leaveUnwanted);
}

/** When the page goes away, unused documents close at once. */
function leaveUnwanted(): void {
  for (const slot of slots.values()) if (slot.closing !== undefined) leave(slot);
}

function leave(slot: Slot): void {
  clearTimeout(slot.closing);
  slot.isUnwanted = true;
  if (hasMore(slot)) return;
  slots.delete(slot.key);
  end(slot);
  emitter.emit("change", undefined);
}

/** What was typed without a connection is only here: it stays until the server has it, or refuses it. */
function hasMore({ provider, persistence }: Slot): boolean {
  return !(persistence || !provider || provider.saved || provider.error || isOver(provider.status));
}

function end(slot: Slot): void {
  const { provider, persistence, account } = slot;
  // From here on, nothing that the provider says concerns anybody.
  slot.provider = undefined;
  account?.end();
  slot.account = undefined;
  provider?.destroy();
  void persistence?.destroy?.();
  provider?.doc.destroy();
}
