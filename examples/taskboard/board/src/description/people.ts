/** Who else is in a shared text. */

import { avatarOf } from "@validiant/realtime";
import { useEffect, useState } from "react";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

export interface Cursor {
  anchor: Y.RelativePosition;
  head: Y.RelativePosition;
}

export interface Caret {
  /** The client's. */
  id: number;
  /** The whole name, and what there is room for beside a caret. */
  fullName: string;
  name: string;
  colour: string;
  anchor: number;
  head: number;
}

interface State {
  user?: { id?: string; name?: string };
  cursor?: Cursor | null;
}

/** The others' carets in a text. The server says who they are. */
export function caretsIn(text: Y.Text, awareness: Awareness): Caret[] {
  return [...awareness.getStates()].flatMap(([id, { user, cursor }]: [number, State]) => {
    if (id === awareness.clientID || !cursor) return [];
    const [anchor, head] = [cursor.anchor, cursor.head].map((position) => indexOf(text, position));
    if (anchor === undefined || head === undefined) return [];
    const fullName = user?.name ?? user?.id ?? "Somebody";
    const [name = fullName] = fullName.split(" ");
    const colour = avatarOf({ userId: user?.id ?? fullName, userName: fullName }).background;
    return [{ id, fullName, name, colour, anchor, head }];
  });
}

/** The names of the others who have their caret in a text, each once. */
export function useWriters(text: Y.Text, awareness: Awareness): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    const look = () => {
      const now = [...new Set(caretsIn(text, awareness).map(({ fullName }) => fullName))];
      setNames((before) => (before.join("\n") === now.join("\n") ? before : now));
    };
    look();
    awareness.on("change", look);
    return () => awareness.off("change", look);
  }, [text, awareness]);
  return names;
}

/** Undefined if it is in no place of the text, or is no position: it comes from somebody else's page. */
function indexOf(text: Y.Text, position: unknown): number | undefined {
  try {
    const relative = Y.createRelativePositionFromJSON(position);
    const at = Y.createAbsolutePositionFromRelativePosition(relative, text.doc as Y.Doc);
    return at?.type === text ? at.index : undefined;
  } catch {
    return undefined;
  }
}
