/** Moves an element to positions that are fractions of the element around it. */

import type { PositionListener } from "./track.ts";

/** @param stage the element that positions are fractions of, and that is positioned itself */
export function place(
  element: HTMLElement,
  stage: () => HTMLElement | undefined,
): PositionListener {
  const { style } = element;
  Object.assign(style, { position: "absolute", left: "0", top: "0", pointerEvents: "none" });
  // Movements are then painted without a new layout.
  style.willChange = "transform";
  return (x, y) => {
    const { clientWidth = 0, clientHeight = 0 } = stage() ?? {};
    style.transform = `translate(${x * clientWidth}px, ${y * clientHeight}px)`;
  };
}
