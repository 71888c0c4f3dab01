/** The address says what the page shows, so two windows can be two users, and a task can have a link. */

import { useSyncExternalStore } from "react";

export interface Route {
  user?: string | undefined;
  project?: string | undefined;
  task?: string | undefined;
  /** A comment on that task. */
  comment?: string | undefined;
}

const MOVED = "taskboard:moved";

export function useRoute(): Route {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return readRoute(search);
}

/** The current address with these changes. A comment is in it only if it is one of them. */
export function hrefTo(change: Route): string {
  const parts = { ...readRoute(location.search), comment: undefined, ...change };
  const given = Object.entries(parts).filter((part): part is [string, string] => Boolean(part[1]));
  return `?${new URLSearchParams(given)}`;
}

export function goTo(change: Route): void {
  history.pushState(null, "", hrefTo(change));
  dispatchEvent(new Event(MOVED));
}

/** The same, without adding a step to the history. */
export function correctTo(change: Route): void {
  history.replaceState(null, "", hrefTo(change));
  dispatchEvent(new Event(MOVED));
}

export function readRoute(search: string): Route {
  const query = new URLSearchParams(search);
  const part = (name: string) => query.get(name) ?? undefined;
  return {
    user: part("user"),
    project: part("project"),
    task: part("task"),
    comment: part("comment"),
  };
}

function subscribe(listener: () => void): () => void {
  const events = [MOVED, "popstate"];
  for (const event of events) addEventListener(event, listener);
  return () => {
    for (const event of events) removeEventListener(event, listener);
  };
}
