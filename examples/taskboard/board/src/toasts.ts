/** Short notices. Most disappear by themselves, but not while the pointer or the focus is on them. */

import { useSyncExternalStore } from "react";

export interface Action {
  label: string;
  /** Whether Ctrl+Z does it too. */
  isUndo?: boolean;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  /** What the user can do about it. */
  action?: Action | undefined;
  /** How long it is shown: without end if the user has to decide something. */
  shownMs: number;
}

export interface NotifyOptions {
  action?: Action;
  /** Shows it until somebody dismisses it. */
  stays?: boolean;
}

/** What has an undo of its own for Ctrl+Z. */
export const OWN_UNDO = "input, textarea, [contenteditable=true]";

const SHOWN_MS = 6_000;
/** The user has to read it, decide, and reach it. */
const ACTION_SHOWN_MS = 12_000;
/** After a while offline, many come at once. */
const KEPT_MAX = 20;

let toasts: readonly Toast[] = [];
let lastId = 0;
let isHeld = false;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();

/** Returns the id of the notice. */
export function notify(text: string, { action, stays = false }: NotifyOptions = {}): number {
  lastId += 1;
  const temporary = action ? ACTION_SHOWN_MS : SHOWN_MS;
  const toast = { id: lastId, text, action, shownMs: stays ? Number.POSITIVE_INFINITY : temporary };
  const passive = toasts.filter((other) => !other.action);
  const isOldest = passive.length >= KEPT_MAX && passive[0];
  set([...toasts.filter((other) => other !== isOldest), toast]);
  if (!isHeld) startTimer(toast);
  return toast.id;
}

export function dismiss(ids: readonly number[]): void {
  for (const id of ids) {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }
  set(toasts.filter(({ id }) => !ids.includes(id)));
  // The notice that had the pointer or the focus may be gone, and then no event says that it left.
  release();
}

/** Keeps all notices, because the pointer or the focus is on them. */
export function hold(): void {
  isHeld = true;
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
}

export function release(): void {
  if (!isHeld) return;
  isHeld = false;
  for (const toast of toasts) startTimer(toast);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => toasts);
}

function startTimer({ id, shownMs }: Toast): void {
  if (Number.isFinite(shownMs))
    timers.set(
      id,
      setTimeout(() => dismiss([id]), shownMs),
    );
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
