/** TanStack Query: makes queries old, also those that are being fetched. */

/** A key of TanStack Query. */
export type QueryKey = readonly unknown[];

/** What is needed of a `QueryClient` of TanStack Query 5. */
export interface QueryClientLike {
  invalidateQueries(
    filters: { queryKey: QueryKey; exact?: boolean },
    options?: { cancelRefetch?: boolean },
  ): Promise<unknown>;
  removeQueries(filters: { queryKey: QueryKey }): void;
  getQueryCache(): { findAll(filters: { queryKey: QueryKey }): readonly QueryLike[] };
}

/** What is needed of one of its queries. */
export interface QueryLike {
  readonly queryKey: QueryKey;
  readonly state: { readonly data: unknown; readonly fetchStatus: string };
  isActive(): boolean;
  fetch(options: undefined, how: { cancelRefetch: boolean }): Promise<unknown>;
}

/** Queries that are made old once more when their fetch has ended. */
const followed = new WeakSet<QueryLike>();

/**
 * Makes all queries under a key old.
 *
 * With `patiently`, a fetch that is under way goes on, and the query is made old again when it is
 * there: while one event follows another, no fetch would ever end else. Without, TanStack Query
 * starts it again, but not one that is the first, and not one that no component waits for: what that
 * brings may be older than the event, and counts as new. So these too are made old again.
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
    // The one that is under way.
    await query.fetch(undefined, { cancelRefetch: false });
    void queryClient.invalidateQueries({ queryKey: query.queryKey, exact: true });
  } catch {
    // It brought nothing that could be old.
  } finally {
    followed.delete(query);
  }
}
