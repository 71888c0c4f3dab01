/** The part of the page with the editor. It is big, so it is fetched when the first text is opened. */

import { useEffect, useState } from "react";
import { useHasNetwork } from "../connection.ts";

export type TextModule = typeof import("./SharedText.tsx");

let fetched: TextModule | undefined;

/** Undefined until it is there. Where it can't be fetched, it is tried again when the network is back. */
export function useTextModule(isNeeded: boolean): TextModule | undefined {
  const hasNetwork = useHasNetwork();
  const [module, setModule] = useState(fetched);
  // Another network is another attempt.
  useEffect(() => {
    if (module || !isNeeded) return;
    let isWanted = true;
    const keep = (loaded: TextModule) => {
      fetched = loaded;
      if (isWanted) setModule(loaded);
    };
    import("./SharedText.tsx").then(keep, () => {});
    return () => {
      isWanted = false;
    };
  }, [module, isNeeded, hasNetwork]);
  return module;
}
