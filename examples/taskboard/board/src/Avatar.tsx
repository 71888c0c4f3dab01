import type { CSSProperties } from "react";

/** A user's initials, always on the same colour. */
export function Avatar({ userId, name }: { userId: string; name: string }) {
  const style = { "--hue": hueOf(userId) } as CSSProperties;
  return (
    <span className="avatar" style={style} title={name} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

function initialsOf(name: string): string {
  return name
    .split(/\s+/)
    .map(([first = ""]) => first)
    .slice(0, 2)
    .join("")
    .toUpperCase();
}

/** Even ids that differ in only one letter get very different colours. */
export function hueOf(userId: string): number {
  const mix = (before: number, letter: string) => (before * 37 + letter.charCodeAt(0) * 101) % 360;
  return Array.from(userId).reduce(mix, 0);
}
