/** Short notices that go away by themselves. */

import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 6_000;
/** After a time offline many come together. */
const SHOWN_MAX = 3;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export function notify(text: string): void {
  lastId += 1;
  const toast = { id: lastId, text };
  set([...toasts, toast].slice(-SHOWN_MAX));
  setTimeout(() => dismiss(toast.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => toasts);
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
