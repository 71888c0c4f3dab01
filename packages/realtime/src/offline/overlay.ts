/** Shows what waits: puts the changes on top of whatever the API last said. */

import { partialMatchKey, type Query, type QueryClient } from "@tanstack/react-query";
import type { OptimisticUpdate } from "./types.ts";

type Updates = readonly OptimisticUpdate[];

export function createOverlay(client: QueryClient) {
  const cache = client.getQueryCache();
  /** By act, in the order in which they were made. */
  const acts = new Map<string, Updates>();
  /** What the API said, by query. */
  const said = new Map<string, unknown>();
  let isWriting = false;

  const of = ({ queryKey }: Query, updates: Updates) =>
    updates.filter(([key]) => partialMatchKey(queryKey, key));
  const waitingFor = (query: Query) => of(query, [...acts.values()].flat());
  const changedBy = (updates: Updates) =>
    cache.getAll().filter((query) => of(query, updates).length > 0);

  const show = (query: Query) => {
    const { queryHash, queryKey, state } = query;
    if (state.data === undefined) return;
    if (!said.has(queryHash)) said.set(queryHash, state.data);
    const data = apply(said.get(queryHash), waitingFor(query));
    isWriting = true;
    client.setQueryData(queryKey, data, { updatedAt: state.dataUpdatedAt });
    isWriting = false;
  };

  const end = cache.subscribe((event) => {
    const { query, type } = event;
    if (type === "removed") said.delete(query.queryHash);
    if (isWriting || type !== "updated" || event.action.type !== "success") return;
    if (waitingFor(query).length === 0) return;
    said.set(query.queryHash, query.state.data);
    show(query);
  });

  return {
    end,
    /** Shows an act, or what has become of it. */
    add(id: string, updates: Updates): void {
      acts.set(id, updates);
      for (const query of changedBy(updates)) show(query);
    },
    /**
     * Ends an act. If it was accepted, its changes stay on the screen until the queries have been fetched
     * again, which is when nothing else waits that changes them.
     */
    remove(id: string, isAccepted: boolean): void {
      const updates = acts.get(id) ?? [];
      acts.delete(id);
      for (const query of changedBy(updates)) {
        const { queryHash, queryKey } = query;
        if (isAccepted && said.has(queryHash))
          said.set(queryHash, apply(said.get(queryHash), of(query, updates)));
        show(query);
        if (waitingFor(query).length > 0) continue;
        said.delete(queryHash);
        const again = () => void client.invalidateQueries({ queryKey, exact: true });
        // TanStack Query restarts neither a first fetch nor one that no component waits for.
        if (query.state.fetchStatus === "fetching") void query.promise?.then(again, () => {});
        again();
      }
    },
  };
}

function apply(data: unknown, updates: Updates): unknown {
  return updates.reduce((before, [, update]) => update(before as never), data);
}
