/** The editor of a description, and how its text is. Everything of Yjs and CodeMirror is fetched with this file. */

import { useEffect, useId, useRef } from "react";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import type { Task } from "../../../shared/board.ts";
import { TEXT_NAME } from "../../../shared/text.ts";
import { sentence } from "../lists.ts";
import { useProject } from "../queries.ts";
import "./text.css";
import { Copy } from "./Copy.tsx";
import { createEditor, type Editor } from "./editor.ts";
import { useWriters } from "./people.ts";
import { type TextState, useNoteChanges, useText } from "./text.ts";

export { UnsavedText } from "./UnsavedText.tsx";

interface SharedTextProps {
  task: Task;
  isReadOnly: boolean;
}

export function SharedText({ task, isReadOnly }: SharedTextProps) {
  const isPrivate = useProject(task.projectId)?.members !== null;
  const copy = isPrivate ? undefined : task.description;
  const { doc, awareness, isReady, mayWrite, state } = useText(task, copy);
  useNoteChanges(task, doc);
  if (!doc || !awareness || !isReady) return <Copy text={task.description} />;
  const text = doc.getText(TEXT_NAME);
  return (
    <OpenText
      text={text}
      awareness={awareness}
      isReadOnly={isReadOnly || !mayWrite}
      state={state}
    />
  );
}

interface OpenTextProps {
  text: Y.Text;
  awareness: Awareness;
  isReadOnly: boolean;
  state: TextState;
}

function OpenText({ text, awareness, isReadOnly, state }: OpenTextProps) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(undefined);
  const writersId = useId();
  const writers = useWriters(text, awareness);
  useEffect(() => {
    if (!parent.current) return;
    const made = createEditor(parent.current, { text, awareness, describedBy: writersId });
    editor.current = made;
    return () => made.destroy();
  }, [text, awareness, writersId]);
  // After the one above: a new editor learns it, too.
  useEffect(() => editor.current?.setReadOnly(isReadOnly));
  return (
    <div className="description">
      <div ref={parent} className="task-description" />
      <div className="text-foot">
        <State state={state} />
        <output id={writersId} className="text-writers">
          {state !== "offline" && sentence(writers, "editing the description")}
        </output>
      </div>
    </div>
  );
}

const SENTENCES: Record<TextState, string> = {
  saved: "Saved",
  saving: "Saving…",
  offline: "Offline. This device keeps what you write.",
  "read-only": "You may read this text, but not change it.",
};

/** Screen readers hear of what lasts, and not of each pause in the typing. */
function State({ state }: { state: TextState }) {
  const isPassing = state === "saved" || state === "saving";
  return (
    <output className="text-state" data-state={state} aria-live={isPassing ? "off" : "polite"}>
      {SENTENCES[state]}
    </output>
  );
}
