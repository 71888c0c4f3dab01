import { avatarOf } from "@validiant/realtime";
import type { CSSProperties } from "react";

interface AvatarProps {
  userId: string;
  name: string;
  /** What a pointer that rests on it is told. Default: the name. */
  title?: string;
}

/** A user's initials, always on the same colour. */
export function Avatar({ userId, name, title = name }: AvatarProps) {
  const { initials, background, color } = avatarOf({ userId, userName: name });
  const style = { "--avatar": background, "--on-avatar": color } as CSSProperties;
  return (
    <span className="avatar" style={style} title={title} aria-hidden="true">
      {initials}
    </span>
  );
}
