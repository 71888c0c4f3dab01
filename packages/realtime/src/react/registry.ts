/**
 * The projects that this page is connected to: one connection each, however many components use it.
 *
 * Connections are opened only from effects, so none is opened during server rendering.
 */

import type { EncryptionState } from "../core/channel.ts";
import { Connection } from "../core/connection.ts";
import { Emitter, type Unsubscribe } from "../core/emitter.ts";
import type { AnyEvent, BroadcastedEvent } from "../core/events.ts";
import type {
  ConnectOptions,
  ProjectConnection,
  RealtimeOptions,
  ServerAndSignIn,
} from "../core/project.ts";
import { CONNECTING, type RealtimeStatus } from "../core/status.ts";
import { NOBODY } from "../core/users.ts";
import type { OnlineUser } from "../server-frames.ts";
import { AccountWatch } from "./account.ts";

/**
 * How long a connection stays open when no component uses it. After a fallback or a change of page, it
 * is often needed again soon.
 */
const LINGER_MS = 1_500;

/** A project as components see it. A new object on each change. */
export interface View {
  /** The connection. Undefined until there is one. */
  readonly connection: ProjectConnection | undefined;
  /** Its status: `connecting` while there is no connection. */
  readonly status: RealtimeStatus;
  /** Who is online: the same array until it changes. At most 100 users. */
  readonly users: readonly OnlineUser[];
  /** How many users are online. Complete even in a large room. */
  readonly activeUsers: number;
  /** How the project is encrypted. Null if it is not, or while that is not known yet. */
  readonly encryption: EncryptionState | null;
  /**
   * The last event that a backend broadcast. If several arrive together, it shows only the last one:
   * `useProjectEvent` gets each.
   */
  readonly lastEvent: BroadcastedEvent | undefined;
  /** Connects now, with a fresh token: {@link ProjectConnection.reconnect}. Always the same function. */
  readonly reconnect: () => void;
}

/** A project without a connection. */
export const IDLE: View = {
  connection: undefined,
  status: CONNECTING,
  users: NOBODY.users,
  activeUsers: NOBODY.activeUsers,
  encryption: null,
  lastEvent: undefined,
  reconnect() {},
};

/** Events that no backend broadcasts. */
const OWN =
  /^(CONNECTED|USER_JOINED|USER_LEFT|USER_UPDATED|PRESENCE|ERROR|KEY_EPOCH|resync|undecryptable|client-.*)$/s;

interface Slot {
  readonly projectId: string;
  view: View;
  connection: Connection | undefined;
  account: AccountWatch | undefined;
  /** How many components use it. */
  holders: number;
  options: RealtimeOptions | undefined;
  closing: ReturnType<typeof setTimeout> | undefined;
}

const slots = new Map<string, Slot>();
const emitter = new Emitter();

/** An event, with the project that it came from. */
export type ProjectEventHandler = (event: AnyEvent, projectId: string) => unknown;

/** Calls `handler` on each event of each project. */
export function onEvent(handler: ProjectEventHandler): Unsubscribe {
  return emitter.on("event", ([event, projectId]) => handler(event, projectId));
}

/** Calls `listener` whenever a view may have changed. */
export function onChange(listener: () => void): Unsubscribe {
  return emitter.on("change", listener);
}

/** Calls `handler` when an app asks whether its connections still work. */
export function onCheck(handler: () => void): Unsubscribe {
  return emitter.on("check", handler);
}

/** The options that components have passed for a project. */
export function optionsOf(projectId: string): RealtimeOptions | undefined {
  return slots.get(projectId)?.options;
}

/** The current view of a project. */
export function viewOf(projectId: string | null | undefined): View {
  return slots.get(projectId ?? "")?.view ?? IDLE;
}

/** Of the projects that components still use, the one that was opened first. */
export function currentProject(): string | undefined {
  return [...slots.values()].find(({ holders }) => holders > 0)?.projectId;
}

/**
 * Calls {@link ProjectConnection.check} for every project and document that the page has open. Needed in React
 * Native, which does not tell connections that the app is visible again:
 *
 * ```ts
 * AppState.addEventListener("change", (state) => state === "active" && checkConnections());
 * ```
 */
export function checkConnections(): void {
  for (const { view } of slots.values()) view.connection?.check();
  emitter.emit("check", undefined);
}

/**
 * Keeps the project's connection open until the returned function is called. The first caller with
 * options opens it. Options for another server or user replace it.
 */
export function hold(projectId: string, options: RealtimeOptions | undefined): Unsubscribe {
  const slot = slots.get(projectId) ?? emptySlot(projectId);
  // Before it is counted: if this throws, nothing is left behind.
  if (options) adopt(slot, options);
  slots.set(projectId, slot);
  slot.holders += 1;
  clearTimeout(slot.closing);
  slot.closing = undefined;
  emitter.emit("change", undefined);
  return () => release(slot);
}

/**
 * Updates the options of an existing connection. A new name or `getToken` takes effect from the next
 * connect, unless that function's token is for another user. Options for another server or user are
 * ignored. Otherwise two components that disagree would replace each other's connection on every
 * render.
 */
export function renew(projectId: string, options: RealtimeOptions): void {
  const slot = slots.get(projectId);
  if (!slot || !isSame(options, slot.options)) return;
  slot.options = options;
  keep(slot, options);
}

/** The options that make it a different connection. */
export function identityOf(options: ServerAndSignIn): string {
  const { host, user, identity, getToken, encryption } = options;
  return JSON.stringify([host, user?.id, identity, typeof getToken, !encryption].map(String));
}

function adopt(slot: Slot, options: RealtimeOptions): void {
  const isAnother = !isSame(options, slot.options);
  slot.options = options;
  if (isAnother) open(slot, options);
  else keep(slot, options);
}

/** The connection continues with newer options. */
function keep(slot: Slot, { user, getToken }: RealtimeOptions): void {
  slot.connection?.rename(user);
  slot.account?.given(getToken);
  // While nobody used the connection, another user may have signed in.
  if (slot.holders === 0 && slot.view.status.state !== "connecting") slot.account?.look();
}

function isSame(options: RealtimeOptions, others: RealtimeOptions | undefined): boolean {
  return others !== undefined && identityOf(options) === identityOf(others);
}

function emptySlot(projectId: string): Slot {
  return {
    projectId,
    view: IDLE,
    connection: undefined,
    account: undefined,
    holders: 0,
    options: undefined,
    closing: undefined,
  };
}

function open(slot: Slot, options: RealtimeOptions): void {
  const { projectId } = slot;
  end(slot);
  // The latest one that any component passed: the component that opened the connection may be gone.
  const getToken: ConnectOptions["getToken"] = (context) => slot.options?.getToken?.(context) ?? "";
  const connection = new Connection(
    typeof options.getToken === "function"
      ? { ...options, getToken, projectId }
      : { ...options, projectId },
  );
  slot.connection = connection;
  // An app that says who is signed in does not need to be asked.
  if (options.identity === undefined && typeof options.getToken === "function")
    slot.account = new AccountWatch(options.getToken, () => connection.look());
  const reconnect = () => connection.reconnect();
  slot.view = { ...IDLE, connection, status: connection.status, reconnect };
  follow(slot, connection);
}

function follow(slot: Slot, connection: Connection): void {
  connection.on("status", ({ payload }) => change(slot, { status: payload }));
  connection.on("encryption", ({ payload }) => change(slot, { encryption: payload }));
  connection.on("users", () => {
    const { users, activeUsers } = connection;
    change(slot, { users, activeUsers });
  });
  const changed = () => emitter.emit("change", undefined);
  connection.on("others", changed);
  connection.on("self", changed);
  connection.on("*", (event: AnyEvent) => {
    emitter.emit("event", [event, slot.projectId]);
    if (!OWN.test(event.type)) change(slot, { lastEvent: event as BroadcastedEvent });
  });
}

function change(slot: Slot, changed: Partial<View>): void {
  slot.view = { ...slot.view, ...changed };
  emitter.emit("change", undefined);
}

function release(slot: Slot): void {
  slot.holders -= 1;
  if (slot.holders > 0) return;
  emitter.emit("change", undefined);
  slot.closing = setTimeout(() => leave(slot), LINGER_MS);
  globalThis.addEventListener?.("pagehide", leaveUnwanted);
}

/** When the page goes away, unused connections close at once. */
function leaveUnwanted(): void {
  for (const slot of slots.values()) if (slot.closing !== undefined) leave(slot);
}

function leave(slot: Slot): void {
  clearTimeout(slot.closing);
  slots.delete(slot.projectId);
  end(slot);
  emitter.emit("change", undefined);
}

function end(slot: Slot): void {
  slot.connection?.close();
  slot.account?.end();
  slot.connection = undefined;
  slot.account = undefined;
}
