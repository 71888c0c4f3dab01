import { avatarOf } from "@validiant/realtime";

interface AvatarProps {
  userId: string;
  name: string;
  /** What a pointer that rests on it is told. Default: the name. */
  title?: string;
}

/** A user's initials, always on the same colour. */
export function Avatar({ userId, name, title = name }: AvatarProps) {
  const { initials, background, color } = avatarOf({ userId, userName: name });
  return (
    <span className="avatar" style={{ background, color }} title={title} aria-hidden="true">
      {initials}
    </span>
  );
}
