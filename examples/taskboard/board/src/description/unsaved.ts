/**
 * The texts that this device has changed, until they are saved and the API knows of it. They stay known
 * when the tab is closed: what was written offline is sent when the page is opened again.
 */

import { useSyncExternalStore } from "react";

export interface TextId {
  /** The task's. */
  id: string;
  projectId: string;
}

export interface ChangedText extends TextId {
  /** Whether the realtime server has all of it. */
  isSaved: boolean;
}

const NONE: readonly ChangedText[] = [];
const known = new Map<string, readonly ChangedText[]>();
const listeners = new Set<() => void>();

export function useChangedTexts(userId: string): readonly ChangedText[] {
  return useSyncExternalStore(subscribe, () => textsOf(userId));
}

export function noteText(userId: string, { id, projectId }: TextId, isSaved: boolean): void {
  const texts = textsOf(userId);
  if (texts.some((text) => text.id === id && text.isSaved === isSaved)) return;
  set(userId, [...texts.filter((text) => text.id !== id), { id, projectId, isSaved }]);
}

export function forgetText(userId: string, id: string): void {
  const texts = textsOf(userId);
  if (texts.some((text) => text.id === id))
    set(
      userId,
      texts.filter((text) => text.id !== id),
    );
}

function textsOf(userId: string): readonly ChangedText[] {
  const texts = known.get(userId) ?? stored(userId);
  known.set(userId, texts);
  return texts;
}

function set(userId: string, texts: readonly ChangedText[]): void {
  known.set(userId, texts);
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(texts));
  } catch {
    // Without a storage, the texts are not kept on the device either.
  }
  for (const listener of listeners) listener();
}

function stored(userId: string): readonly ChangedText[] {
  try {
    return JSON.parse(localStorage.getItem(keyOf(userId)) ?? "[]");
  } catch {
    return NONE;
  }
}

function keyOf(userId: string): string {
  return `taskboard-texts/1/${userId}`;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
