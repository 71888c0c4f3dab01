/**
 * Where the others are in the text, drawn in a layer of its own: nothing of it is in the text, where a
 * screen reader would read it aloud, and the keyboard of a phone would stumble over it. The states of the
 * awareness are those of y-codemirror.next.
 */

import {
  Annotation,
  EditorSelection,
  type Extension,
  type SelectionRange,
} from "@codemirror/state";
import {
  type EditorView,
  type LayerMarker,
  layer,
  RectangleMarker,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { type Caret, type Cursor, caretsIn } from "./people.ts";

/** What a name needs. */
const NAME_HEIGHT_PX = 14;
const NAME_WIDTH_PX = 100;

/** Something has changed about the others' carets. */
const moved = Annotation.define<true>();

/** Shows the others' carets and selections, and tells them this one's. */
export function carets(text: Y.Text, awareness: Awareness): Extension {
  return [
    ViewPlugin.define((view) => {
      const hear = (_change: unknown, origin: unknown) => {
        if (origin !== "local") view.dispatch({ annotations: moved.of(true) });
      };
      awareness.on("change", hear);
      return {
        update: (update) => tell(update, text, awareness),
        destroy() {
          awareness.off("change", hear);
          setCursor(awareness, null);
        },
      };
    }),
    layer({
      above: true,
      class: "carets",
      update: (update) =>
        update.docChanged ||
        update.geometryChanged ||
        update.transactions.some((transaction) => transaction.annotation(moved)),
      markers: (view) => caretsIn(text, awareness).flatMap((caret) => markersOf(view, caret)),
    }),
  ];
}

function tell({ view, state }: ViewUpdate, text: Y.Text, awareness: Awareness): void {
  const { anchor, head } = state.selection.main;
  const at = (index: number) => Y.createRelativePositionFromTypeIndex(text, index);
  setCursor(awareness, view.hasFocus ? { anchor: at(anchor), head: at(head) } : null);
}

function setCursor(awareness: Awareness, cursor: Cursor | null): void {
  const before = (awareness.getLocalState()?.cursor ?? null) as Cursor | null;
  if (isSame(before, cursor)) return;
  awareness.setLocalStateField("cursor", cursor);
}

function isSame(one: Cursor | null, other: Cursor | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    Y.compareRelativePositions(one.anchor, other.anchor) &&
    Y.compareRelativePositions(one.head, other.head)
  );
}

function markersOf(view: EditorView, { anchor, head, name, colour }: Caret): LayerMarker[] {
  const end = view.state.doc.length;
  const [from, to] = [Math.min(anchor, end), Math.min(head, end)];
  const selection = from === to ? [] : rectanglesOf(view, EditorSelection.range(from, to));
  return [
    ...selection.map((rectangle) => new Mark(rectangle, "selected", colour)),
    ...rectanglesOf(view, EditorSelection.cursor(to)).map(
      (rectangle) => new Mark(rectangle, classOf(rectangle, view), colour, name),
    ),
  ];
}

function rectanglesOf(view: EditorView, range: SelectionRange): readonly RectangleMarker[] {
  return RectangleMarker.forRange(view, "", range);
}

/** The name must not be cut off, neither above the first line nor at the end of any. */
function classOf({ top, left }: RectangleMarker, view: EditorView): string {
  const isFirst = top < NAME_HEIGHT_PX;
  const isLast = left > view.scrollDOM.clientWidth - NAME_WIDTH_PX;
  return `caret${isFirst ? " caret-first" : ""}${isLast ? " caret-last" : ""}`;
}

/** Somebody's caret with their name, or a part of what they have selected. */
class Mark implements LayerMarker {
  readonly #rectangle: RectangleMarker;
  readonly #look: readonly string[];

  constructor(rectangle: RectangleMarker, className: string, colour: string, name = "") {
    this.#rectangle = rectangle;
    this.#look = [className, colour, name];
  }

  eq(other: LayerMarker): boolean {
    return (
      other instanceof Mark &&
      other.#rectangle.eq(this.#rectangle) &&
      other.#look.every((part, place) => part === this.#look[place])
    );
  }

  draw(): HTMLElement {
    const [className = "", colour = "", name] = this.#look;
    const element = this.#rectangle.draw();
    element.className = className;
    element.style.background = colour;
    if (!name) return element;
    const label = document.createElement("span");
    label.className = "caret-name";
    label.textContent = name;
    label.style.background = colour;
    element.append(label);
    return element;
  }
}
