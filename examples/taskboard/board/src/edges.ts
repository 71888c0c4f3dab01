/** Scrolls the page while something is dragged near its upper or lower edge. */

const EDGE_PX = 72;
const STEP_PX = 12;

interface Point {
  x: number;
  y: number;
}

/** @param onScroll called with the pointer's position after each step: something else is under it now */
export function scrollNearEdges(
  point: () => Point,
  onScroll: (point: Point) => void,
  signal: AbortSignal,
): void {
  const step = () => {
    if (signal.aborted) return;
    const before = scrollY;
    scrollBy({ top: speedAt(point().y), behavior: "instant" });
    if (scrollY !== before) onScroll(point());
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

/** The nearer to the edge, the faster. */
function speedAt(y: number): number {
  const above = EDGE_PX - y;
  const below = y - (innerHeight - EDGE_PX);
  if (above > 0) return (-above / EDGE_PX) * STEP_PX;
  return below > 0 ? (below / EDGE_PX) * STEP_PX : 0;
}
