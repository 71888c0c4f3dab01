import type { ReactNode } from "react";

/** What the page says where it has nothing else to show. */
export function Note({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="note">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
