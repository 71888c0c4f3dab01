/** Keeps what the API has said, so that the page has something to show when it is opened without a network. */

import { dehydrate, hydrate, type QueryClient } from "@tanstack/react-query";
import { get, set } from "idb-keyval";
import { offlineOf } from "./offline.ts";
import { isUnsaved } from "./unsaved.ts";

/** Some browsers' storage hangs. */
const PATIENCE_MS = 1_000;

/** Brings back what was kept for a user, and keeps what the API says from now on. */
export async function keepAnswers(queryClient: QueryClient, userId: string): Promise<void> {
  const key = `taskboard-answers/1/${userId}`;
  const offline = offlineOf(queryClient, userId);
  const kept = await Promise.race([get(key).catch(() => undefined), waited()]);
  if (kept) hydrate(queryClient, kept);
  // It is shown, and the API is asked as soon as that is possible.
  await queryClient.invalidateQueries({ refetchType: "none" });
  let isWriting = false;
  let isNewer = false;
  const write = async () => {
    isNewer = isWriting;
    // Changes that wait are kept by their queue: here they could not be taken back.
    if (isWriting || offline.queue.items.some(isUnsaved)) return;
    isWriting = true;
    const answers = dehydrate(queryClient, { shouldDehydrateMutation: () => false });
    await set(key, answers).catch(() => {});
    isWriting = false;
    if (isNewer) void write();
  };
  queryClient.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "success") void write();
  });
}

function waited(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined));
}
