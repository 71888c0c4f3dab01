/**
 * The projects that this page is connected to: one connection each, however many components ask.
 *
 * Nothing is connected but from effects, so nothing of it happens on a server that renders.
 */

import { Connection } from "../core/connection.ts";
import { Emitter, type Unsubscribe } from "../core/emitter.ts";
import type { AnyEvent, BroadcastedEvent } from "../core/events.ts";
import type { ConnectOptions, ProjectConnection, RealtimeOptions } from "../core/project.ts";
import { CONNECTING, type RealtimeStatus } from "../core/status.ts";
import { NOBODY } from "../core/users.ts";
import type { OnlineUser } from "../server-frames.ts";
import { AccountWatch } from "./account.ts";

/**
 * How long a connection that no component wants stays: a page with a fallback, or a change of page,
 * wants it back soon.
 */
const LINGER_MS = 1_500;

/** What components see of a project. A new object on each change. */
export interface View {
  /** The connection; undefined until there is one. */
  readonly connection: ProjectConnection | undefined;
  /** How it is; `connecting` while there is none. */
  readonly status: RealtimeStatus;
  /** Who is here: the same array until it changes. Of a large room 100. */
  readonly users: readonly OnlineUser[];
  /** How many are here, also in a large room. */
  readonly activeUsers: number;
  /**
   * The last event that a backend broadcast. Of several that come together it shows the last one:
   * `useProjectEvent` hears each.
   */
  readonly lastEvent: BroadcastedEvent | undefined;
  /** Connects now, with a fresh token: {@link ProjectConnection.reconnect}. Always the same function. */
  readonly reconnect: () => void;
}

/** A project without a connection. */
export const IDLE: View = {
  connection: undefined,
  status: CONNECTING,
  ...NOBODY,
  lastEvent: undefined,
  reconnect() {},
};

/** Events of the server's and of the client's own. */
const OWN = new Set(["CONNECTED", "USER_JOINED", "USER_LEFT", "PRESENCE", "ERROR", "resync"]);

interface Slot {
  readonly projectId: string;
  view: View;
  connection: Connection | undefined;
  account: AccountWatch | undefined;
  /** How many components want it. */
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

/** Calls `listener` whenever some view may be another one. */
export function onChange(listener: () => void): Unsubscribe {
  return emitter.on("change", listener);
}

/** What is to be seen of a project now. */
export function viewOf(projectId: string | null | undefined): View {
  return slots.get(projectId ?? "")?.view ?? IDLE;
}

/** The project that was opened first of those that some component still wants. */
export function currentProject(): string | undefined {
  return [...slots.values()].find(({ holders }) => holders > 0)?.projectId;
}

/**
 * {@link ProjectConnection.check} of every project that the page has open. For React Native, which
 * tells no connection that the app is seen again:
 *
 * ```ts
 * AppState.addEventListener("change", (state) => state === "active" && checkConnections());
 * ```
 */
export function checkConnections(): void {
  for (const { view } of slots.values()) view.connection?.check();
}

/**
 * Keeps the project's connection until the returned function is called. The first who gives options
 * opens it; options that name another server or user replace it.
 */
export function hold(projectId: string, options: RealtimeOptions | undefined): Unsubscribe {
  const slot = slots.get(projectId) ?? emptySlot(projectId);
  // Before it counts: whatever throws here leaves nothing behind.
  if (options) adopt(slot, options);
  slots.set(projectId, slot);
  slot.holders += 1;
  clearTimeout(slot.closing);
  slot.closing = undefined;
  emitter.emit("change", undefined);
  return () => release(slot);
}

/**
 * Takes newer options of the connection that there is: another name or `getToken` counts from the
 * next connect on, unless that function's token is another user's. Those of another one are left
 * alone, or two components that do not agree would take turns in replacing it, each time that one
 * is rendered.
 */
export function renew(projectId: string, options: RealtimeOptions): void {
  const slot = slots.get(projectId);
  if (!slot || !isSame(options, slot.options)) return;
  slot.options = options;
  keep(slot, options);
}

/** What makes it another connection. */
export function identityOf({ host, user, identity, getToken }: RealtimeOptions): string {
  return JSON.stringify([host, user?.id, identity, typeof getToken].map(String));
}

function adopt(slot: Slot, options: RealtimeOptions): void {
  const isAnother = !isSame(options, slot.options);
  slot.options = options;
  if (isAnother) open(slot, options);
  else keep(slot, options);
}

/** The connection goes on with newer options. */
function keep(slot: Slot, { user, getToken }: RealtimeOptions): void {
  slot.connection?.rename(user);
  slot.account?.given(getToken);
  // Who comes to a connection that nobody wants any more may have signed in as another user.
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
  // The newest that any component gave: the one that opened the connection may be gone.
  const getToken: ConnectOptions["getToken"] = (context) => slot.options?.getToken?.(context) ?? "";
  const connection = new Connection(
    typeof options.getToken === "function"
      ? { ...options, getToken, projectId }
      : { ...options, projectId },
  );
  slot.connection = connection;
  // An app that says who is signed in need not be asked.
  if (options.identity === undefined && typeof options.getToken === "function")
    slot.account = new AccountWatch(options.getToken, () => connection.look());
  const reconnect = () => connection.reconnect();
  slot.view = { ...IDLE, connection, status: connection.status, reconnect };
  follow(slot, connection);
}

function follow(slot: Slot, connection: Connection): void {
  connection.on("status", ({ payload }) => change(slot, { status: payload }));
  connection.on("users", () => {
    const { users, activeUsers } = connection;
    change(slot, { users, activeUsers });
  });
  connection.on("*", (event: AnyEvent) => {
    emitter.emit("event", [event, slot.projectId]);
    if (!OWN.has(event.type)) change(slot, { lastEvent: event as BroadcastedEvent });
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

/** A page that goes does not stay for anybody. */
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
