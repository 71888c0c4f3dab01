/** Moves an element to positions that are fractions of the element around it. */

import type { PositionListener } from "./track.ts";

/** In pixels, within the borders. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param size of the element that positions are fractions of, which has to be positioned itself. It is
 * asked for each movement of each cursor, so it must not make the page compute its layout.
 */
export function place(element: HTMLElement, size: () => Size): PositionListener {
  const { style } = element;
  Object.assign(style, { position: "absolute", left: "0", top: "0", pointerEvents: "none" });
  // Movements are then painted without a new layout.
  style.willChange = "transform";
  return (x, y) => {
    const { width, height } = size();
    style.transform = `translate(${x * width}px, ${y * height}px)`;
  };
}
