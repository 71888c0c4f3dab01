/** Positions as they arrive from other clients, which can send anything. */

import type { PointerPoint } from "./track.ts";

/** A batch of a tenth of a second has about six. */
export const MOST_POINTS = 250;

/** The points in a batch, within the element. Those that make no sense are left out. */
export function pointsIn(value: unknown): PointerPoint[] {
  if (!Array.isArray(value)) return [];
  return value.slice(-MOST_POINTS).flatMap((item: unknown) => {
    const [dt, ...rest] = Array.isArray(item) ? item : [];
    const point = pointIn(rest);
    return point && isNumber(dt) ? [[Math.max(0, dt), ...point]] : [];
  });
}

/** A position within the element. */
export function pointIn(value: unknown): [x: number, y: number] | undefined {
  const [x, y] = Array.isArray(value) ? value : [];
  return isNumber(x) && isNumber(y) ? [within(x), within(y)] : undefined;
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
