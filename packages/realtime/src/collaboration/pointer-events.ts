/** The pointer over an element, from the events of the page. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { Clock } from "./clock.ts";

/** Gets what a pointer does. */
export interface PointerSink {
  /** It is here: fractions of the width and the height of the element. */
  move(x: number, y: number): void;
  /** It is not over the element any more. */
  leave(): void;
}

interface Where {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * Tells `sink` where the mouse or the pen is, once a frame, also when the page moves below it. A finger
 * does not hover, so it is no cursor.
 */
export function followPointer(element: HTMLElement, sink: PointerSink, clock: Clock): Unsubscribe {
  let last: Where | undefined;
  let cancel: (() => void) | undefined;
  const look = () => {
    if (last) cancel ??= clock.frame(tell);
  };
  const tell = () => {
    cancel = undefined;
    if (last) sink.move(...fractionsOf(element, last));
  };
  const move = (event: PointerEvent) => {
    if (event.pointerType === "touch") return;
    last = event;
    look();
  };
  const leave = () => {
    if (!last) return;
    last = undefined;
    cancel?.();
    cancel = undefined;
    sink.leave();
  };
  const { ownerDocument: page } = element;
  const hide = () => page.visibilityState === "hidden" && leave();
  const anywhere = { capture: true, passive: true };
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerleave", leave);
  page.addEventListener("scroll", look, anywhere);
  page.addEventListener("visibilitychange", hide);
  page.defaultView?.addEventListener("resize", look);
  return () => {
    cancel?.();
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerleave", leave);
    page.removeEventListener("scroll", look, anywhere);
    page.removeEventListener("visibilitychange", hide);
    page.defaultView?.removeEventListener("resize", look);
  };
}

/** Within the borders, where what is positioned absolutely is measured from. */
function fractionsOf(element: HTMLElement, { clientX, clientY }: Where): [number, number] {
  const { left, top } = element.getBoundingClientRect();
  const { clientLeft, clientTop, clientWidth, clientHeight } = element;
  return [
    within((clientX - left - clientLeft) / clientWidth),
    within((clientY - top - clientTop) / clientHeight),
  ];
}

function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction || 0));
}
