/**
 * The projects that this page is connected to: one connection each, however many components ask.
 *
 * Nothing is connected but from effects, so nothing of it happens on a server that renders.
 */

import { Emitter, type Unsubscribe } from "../core/emitter.ts";
import type { AnyEvent } from "../core/events.ts";
import { connectProject, type ProjectConnection, type RealtimeOptions } from "../core/project.ts";
import { CONNECTING, type RealtimeStatus } from "../core/status.ts";
import { NOBODY } from "../core/users.ts";
import type { OnlineUser } from "../server-frames.ts";

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
  /** What came last, presence and `resync` included. */
  readonly lastEvent: AnyEvent | undefined;
}

/** A project without a connection. */
export const IDLE: View = {
  connection: undefined,
  status: CONNECTING,
  ...NOBODY,
  lastEvent: undefined,
};

interface Slot {
  readonly projectId: string;
  view: View;
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
  slots.set(projectId, slot);
  slot.holders += 1;
  clearTimeout(slot.closing);
  if (options) adopt(slot, options);
  emitter.emit("change", undefined);
  return () => release(slot);
}

/**
 * Takes newer options of the connection that there is: another `getToken` counts from the next
 * connect on. Those of another one are left alone, or two components that do not agree would
 * take turns in replacing it, each time that one is rendered.
 */
export function renew(projectId: string, options: RealtimeOptions): void {
  const slot = slots.get(projectId);
  if (slot && isSame(options, slot.options)) slot.options = options;
}

/** What makes it another connection. */
export function identityOf({ host, user, getToken }: RealtimeOptions): string {
  return JSON.stringify([host, user?.id, user?.name, getToken !== undefined]);
}

function adopt(slot: Slot, options: RealtimeOptions): void {
  const isAnother = !isSame(options, slot.options);
  slot.options = options;
  if (isAnother) open(slot, options);
}

function isSame(options: RealtimeOptions, others: RealtimeOptions | undefined): boolean {
  return others !== undefined && identityOf(options) === identityOf(others);
}

function emptySlot(projectId: string): Slot {
  return { projectId, view: IDLE, holders: 0, options: undefined, closing: undefined };
}

function open(slot: Slot, options: RealtimeOptions): void {
  const { projectId } = slot;
  slot.view.connection?.close();
  // The newest that any component gave: the one that opened the connection may be gone.
  const getToken = () => slot.options?.getToken?.() ?? "";
  const connection = connectProject(
    options.getToken ? { ...options, getToken, projectId } : { ...options, projectId },
  );
  slot.view = { ...IDLE, connection, status: connection.status };
  connection.on("status", ({ payload }) => change(slot, { status: payload }));
  connection.on("users", () => {
    const { users, activeUsers } = connection;
    change(slot, { users, activeUsers });
  });
  connection.on("*", (event) => {
    emitter.emit("event", [event, projectId]);
    change(slot, { lastEvent: event });
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
  // Not at once: StrictMode and a change of page want it back in the same moment.
  slot.closing = setTimeout(() => {
    slots.delete(slot.projectId);
    slot.view.connection?.close();
    emitter.emit("change", undefined);
  }, 0);
}
