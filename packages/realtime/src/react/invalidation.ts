/** TanStack Query: invalidates queries, including those that are being fetched. */

/** A key of TanStack Query. */
export type QueryKey = readonly unknown[];

/** The parts of TanStack Query 5's `QueryClient` that are needed. */
export interface QueryClientLike {
  invalidateQueries(
    filters: { queryKey: QueryKey; exact?: boolean },
    options?: { cancelRefetch?: boolean },
  ): Promise<unknown>;
  removeQueries(filters: { queryKey: QueryKey }): void;
  getQueryCache(): { findAll(filters: { queryKey: QueryKey }): readonly QueryLike[] };
}

/** The parts of its queries that are needed. */
export interface QueryLike {
  readonly queryKey: QueryKey;
  readonly state: { readonly data: unknown; readonly fetchStatus: string };
  isActive(): boolean;
  fetch(options: undefined, how: { cancelRefetch: boolean }): Promise<unknown>;
}

/** Queries that are invalidated once more when their fetch has ended. */
const followed = new WeakSet<QueryLike>();

/**
 * Invalidates all queries under a key.
 *
 * With `patiently`, a fetch in progress continues, and its query is invalidated again when it has
 * ended. Otherwise no fetch would ever end while one event follows another. Without `patiently`,
 * TanStack Query restarts a fetch, but neither a first fetch nor one that no component waits for. Their
 * result may be older than the event but would count as fresh, so these queries are invalidated again
 * too.
 */
export function invalidate(queryClient: QueryClientLike, queryKey: QueryKey, patiently: boolean) {
  const goesOn = (query: QueryLike) => isFetching(query) && (patiently || !isStartedAgain(query));
  const goOn = queryClient.getQueryCache().findAll({ queryKey }).filter(goesOn);
  void queryClient.invalidateQueries({ queryKey }, { cancelRefetch: !patiently });
  for (const query of goOn) if (!followed.has(query)) void follow(queryClient, query);
}

function isFetching({ state }: QueryLike): boolean {
  return state.fetchStatus !== "idle";
}

function isStartedAgain(query: QueryLike): boolean {
  return query.state.data !== undefined && query.isActive();
}

async function follow(queryClient: QueryClientLike, query: QueryLike): Promise<void> {
  followed.add(query);
  try {
    // The fetch in progress.
    await query.fetch(undefined, { cancelRefetch: false });
    void queryClient.invalidateQueries({ queryKey: query.queryKey, exact: true });
  } catch {
    // It returned nothing that could be stale.
  } finally {
    followed.delete(query);
  }
}
