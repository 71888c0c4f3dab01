/** Stands in for `react-native`, which draws on phones only: its text is said to the test. */

import type { ReactNode } from "react";

export function Text({ children }: { children: ReactNode }): null {
  const payload = [children].flat().join("");
  console.debug(JSON.stringify({ type: "shows", payload }));
  return null;
}
