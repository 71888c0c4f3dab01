/**
 * The editor of a shared text: CodeMirror with nothing that a plain text does not need. The browser's own
 * keys move the cursor and delete, so Tab leaves the text, and Escape closes the dialog.
 */

import { Compartment, EditorState, type Extension, type StateCommand } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { yCollab, ySyncAnnotation, yUndoManagerKeymap } from "y-codemirror.next";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { DESCRIPTION_MAX } from "../../../shared/board.ts";
import { carets } from "./carets.ts";

interface EditorOptions {
  text: Y.Text;
  awareness: Awareness;
  /** The id of what describes it. */
  describedBy: string;
}

export interface Editor {
  setReadOnly(isReadOnly: boolean): void;
  destroy(): void;
}

/** Makes an editor in an element. The caller destroys it. */
export function createEditor(
  parent: Element,
  { text, awareness, describedBy }: EditorOptions,
): Editor {
  const lock = new Compartment();
  const extensions = [
    yCollab(text, null),
    carets(text, awareness),
    keymap.of([...yUndoManagerKeymap, { key: "Enter", run: breakLine }]),
    EditorView.lineWrapping,
    placeholder("Add a description"),
    limited,
    lock.of([]),
    EditorView.contentAttributes.of({
      "aria-label": "Description",
      "aria-describedby": describedBy,
      spellcheck: "true",
      autocorrect: "on",
      autocapitalize: "sentences",
    }),
  ];
  const state = EditorState.create({ doc: text.toString(), extensions });
  const view = new EditorView({ parent, state });
  return {
    setReadOnly(isReadOnly) {
      if (view.state.readOnly === isReadOnly) return;
      const { hasFocus } = view;
      view.dispatch({ effects: lock.reconfigure(isReadOnly ? readOnly : []) });
      // A browser takes it away from what can be written no longer.
      if (hasFocus) view.contentDOM.focus({ preventScroll: true });
    },
    destroy: () => view.destroy(),
  };
}

/** It can have the focus, so that it can be read and copied by the keyboard. */
const readOnly: Extension = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: "0" }),
];

/** Like a text field, it takes nothing that makes it too long. What others have written always counts. */
const limited = EditorState.changeFilter.of((transaction) => {
  const { newDoc, startState } = transaction;
  const isTheirs = transaction.annotation(ySyncAnnotation) !== undefined;
  return isTheirs || newDoc.length <= Math.max(DESCRIPTION_MAX, startState.doc.length);
});

const breakLine: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const change = state.replaceSelection(state.lineBreak);
  dispatch(state.update(change, { scrollIntoView: true, userEvent: "input" }));
  return true;
};
