/**
 * Dragging cards with a mouse, a pen or a finger. A mouse drags as soon as it moves. A finger must be
 * held first, because moving it scrolls.
 */

import { type RefCallback, useCallback, useEffect, useRef, useState } from "react";
import type { Status, Task } from "../../shared/board.ts";
import { scrollNearEdges } from "./edges.ts";
import type { Place } from "./place.ts";

const HOLD_MS = 350;
/** A finger never keeps quite still. */
const SLOP_PX = { mouse: 5, touch: 10 };

export interface Drag {
  /** The task as it was when the drag began. */
  task: Task;
  /** Where it would land. Undefined outside the columns. */
  place: Place | undefined;
  /** How wide its card is. */
  width: number;
}

interface Point {
  x: number;
  y: number;
}

export type Press = (event: React.PointerEvent<HTMLElement>, task: Task) => void;

/** Whether a card is being dragged. Browser events need this at once and can't wait for React. */
let isDragging = false;

/** @param onDrop called with the place where a task was dropped */
export function useDrag(onDrop: (task: Task, place: Place) => void) {
  const [drag, setDrag] = useState<Drag>();
  const latestDrop = useRef(onDrop);
  useEffect(() => {
    latestDrop.current = onDrop;
  });
  /** The element that follows the pointer, and its current offset. */
  const ghost = useRef<HTMLElement>(null);
  const translate = useRef("");
  /** Cancels the drag in progress. */
  const stop = useRef<() => void>(undefined);
  const cancel = useCallback(() => stop.current?.(), []);
  useEffect(() => cancel, [cancel]);

  const press: Press = useCallback((event, task) => {
    if (event.button !== 0 || (event.target as Element).closest("button")) return;
    stop.current?.();
    const { left, top, width } = event.currentTarget.getBoundingClientRect();
    const [gripX, gripY] = [event.clientX - left, event.clientY - top];
    stop.current = watch(event.nativeEvent, {
      onMove(point) {
        const place = placeAt(point, task.id);
        setDrag((before) => (isAt(before, place) ? before : { task, place, width }));
        translate.current = `${point.x - gripX}px ${point.y - gripY}px`;
        if (ghost.current) ghost.current.style.translate = translate.current;
      },
      onEnd(point) {
        setDrag(undefined);
        const place = point && placeAt(point, task.id);
        if (place) latestDrop.current(task, place);
      },
    });
  }, []);

  const ghostRef: RefCallback<HTMLElement> = useCallback((element) => {
    ghost.current = element;
    if (element) element.style.translate = translate.current;
  }, []);
  return { drag, press, cancel, ghostRef, boardRef: keepFromScrolling };
}

/**
 * While a finger drags, the page must not scroll under it. A browser consults only listeners that exist
 * before the touch begins, so this one hears every touch of the board.
 */
const keepFromScrolling: RefCallback<HTMLElement> = (board) => {
  const keep = (event: TouchEvent) => isDragging && event.preventDefault();
  board?.addEventListener("touchmove", keep, { passive: false });
  return () => board?.removeEventListener("touchmove", keep);
};

function isAt(drag: Drag | undefined, place: Place | undefined): boolean {
  return drag?.place?.status === place?.status && drag?.place?.after === place?.after && !!drag;
}

interface Watcher {
  onMove(point: Point): void;
  /** Called without a point if the drag was cancelled. */
  onEnd(point: Point | undefined): void;
}

/** Follows a pointer that is down. Returns a function that cancels. */
function watch(down: PointerEvent, { onMove, onEnd }: Watcher): () => void {
  const isTouch = down.pointerType === "touch";
  const over = new AbortController();
  const { signal } = over;
  let last: Point = { x: down.clientX, y: down.clientY };

  const begin = () => {
    isDragging = true;
    document.documentElement.classList.add("dragging");
    scrollNearEdges(() => last, onMove, signal);
    onMove(last);
  };
  const end = (point?: Point) => {
    clearTimeout(held);
    if (signal.aborted) return;
    over.abort();
    document.documentElement.classList.remove("dragging");
    if (!isDragging) return;
    isDragging = false;
    swallowClick();
    onEnd(point);
  };
  const held = isTouch ? setTimeout(begin, HOLD_MS) : undefined;

  const isOurs = (event: PointerEvent) => event.pointerId === down.pointerId;
  const move = (event: PointerEvent) => {
    if (!isOurs(event)) return;
    last = { x: event.clientX, y: event.clientY };
    if (isDragging) return onMove(last);
    const way = Math.hypot(last.x - down.clientX, last.y - down.clientY);
    if (isTouch) {
      if (way > SLOP_PX.touch) end();
    } else if (way > SLOP_PX.mouse) begin();
  };
  const up = (event: PointerEvent) => isOurs(event) && end(last);
  const key = (event: KeyboardEvent) => {
    if (!isDragging || event.key !== "Escape") return;
    event.stopPropagation();
    end();
  };
  addEventListener("pointermove", move, { signal });
  addEventListener("pointerup", up, { signal });
  addEventListener("pointercancel", (event) => isOurs(event) && end(), { signal });
  addEventListener("keydown", key, { signal, capture: true });
  // Holding a finger on the link would open its menu.
  if (isTouch) addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  return end;
}

/** The browser turns the end of a drag into a click, which would open the task. */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
}

/** The place under a point. Columns have their status in `data-column`, cards their id in `data-task`. */
function placeAt({ x, y }: Point, taskId: string): Place | undefined {
  const column = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-column]");
  if (!column) return undefined;
  const cards = [...column.querySelectorAll<HTMLElement>("[data-task]")];
  const before = cards.filter((card) => {
    const { top, height } = card.getBoundingClientRect();
    return card.dataset.task !== taskId && top + height / 2 < y;
  });
  return { status: column.dataset.column as Status, after: before.at(-1)?.dataset.task };
}
