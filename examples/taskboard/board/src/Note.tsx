import type { ReactNode } from "react";

/** A message for when the page has nothing else to show. */
export function Note({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="note">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
