/** Who somebody is, apart from what they are doing. */

import type { OnlineUser } from "../server-frames.ts";

/** A user by name. */
export type Person = Pick<OnlineUser, "userId" | "userName" | "avatar" | "verified">;

/** The same object as `before` if nothing of it has changed. */
export function personOf({ userId, userName, avatar, verified }: Person, before?: Person): Person {
  const isSame =
    before?.userId === userId &&
    before.userName === userName &&
    before.avatar === avatar &&
    before.verified === verified;
  if (isSame) return before;
  return { userId, userName, ...(avatar !== undefined && { avatar }), verified };
}
