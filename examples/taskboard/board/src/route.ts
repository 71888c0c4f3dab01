/** What the page shows, in its address: two windows can be two users, and a link can be to a task. */

import { useSyncExternalStore } from "react";

export interface Route {
  user?: string | undefined;
  project?: string | undefined;
  task?: string | undefined;
}

const MOVED = "taskboard:moved";

export function useRoute(): Route {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return readRoute(search);
}

/** The present address with these changes. */
export function hrefTo(change: Route): string {
  const parts = { ...readRoute(location.search), ...change };
  const given = Object.entries(parts).filter((part): part is [string, string] => Boolean(part[1]));
  return `?${new URLSearchParams(given)}`;
}

export function goTo(change: Route): void {
  history.pushState(null, "", hrefTo(change));
  dispatchEvent(new Event(MOVED));
}

/** The same, without a step back to the address before. */
export function correctTo(change: Route): void {
  history.replaceState(null, "", hrefTo(change));
  dispatchEvent(new Event(MOVED));
}

function readRoute(search: string): Route {
  const query = new URLSearchParams(search);
  const part = (name: string) => query.get(name) ?? undefined;
  return { user: part("user"), project: part("project"), task: part("task") };
}

function subscribe(listener: () => void): () => void {
  const events = [MOVED, "popstate"];
  for (const event of events) addEventListener(event, listener);
  return () => {
    for (const event of events) removeEventListener(event, listener);
  };
}
