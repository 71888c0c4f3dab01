import type { CSSProperties } from "react";

/** A user's initials on a colour that is always theirs. */
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

/** Multiples of the golden angle lie far apart. */
function hueOf(userId: string): number {
  const sum = Array.from(userId).reduce((before, letter) => before + letter.charCodeAt(0), 0);
  return Math.round((sum * 137.5) % 360);
}
