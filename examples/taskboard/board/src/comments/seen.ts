/** Whether somebody has had something in front of their eyes. */

import { type RefObject, useEffect, useEffectEvent } from "react";

/**
 * Calls `onSeen` with `what` as soon as the end of the element is on the screen of a page that is shown.
 * Without `what` there is nothing to see.
 */
export function useSeen(
  element: RefObject<HTMLElement | null>,
  what: string | undefined,
  onSeen: (what: string) => void,
): void {
  const see = useEffectEvent(onSeen);
  useEffect(() => {
    const end = element.current?.lastElementChild;
    if (!what || !end) return;
    let isOnScreen = false;
    const look = () => {
      if (isOnScreen && !document.hidden) see(what);
    };
    const observer = new IntersectionObserver((entries) => {
      isOnScreen = entries.at(-1)?.isIntersecting ?? false;
      look();
    });
    observer.observe(end);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
    };
  }, [element, what]);
}
