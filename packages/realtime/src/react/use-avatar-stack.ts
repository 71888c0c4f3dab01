/** The hook for a row of avatars. */

import { type Avatar, avatarOf } from "../collaboration/avatar.ts";
import { type Person, personOf } from "../collaboration/person.ts";
import type { Other } from "../core/people.ts";
import type { ProjectConnection } from "../core/project.ts";
import { isSame } from "../core/same.ts";
import { type ProjectArgument, useConnectionStore } from "./meant.ts";
import { useSelected } from "./selected.ts";

/** One avatar in the row. */
export interface StackedAvatar extends Avatar {
  readonly user: Person;
  /** The user's connection is lost, and they leave unless they come back: show it greyed. */
  readonly isLeaving: boolean;
}

/** What {@link useAvatarStack} returns. */
export interface AvatarStack {
  /** Who came first is first, so that nobody changes places. */
  readonly avatars: readonly StackedAvatar[];
  /** How many of the others have no avatar in the row. */
  readonly more: number;
}

/** What {@link useAvatarStack} takes. */
export interface AvatarStackOptions {
  /** How many avatars the row has room for. Default: 5. */
  max?: number | undefined;
}

const NOBODY: readonly Other[] = [];

const othersOf = (connection: ProjectConnection) => connection.others;

/** In a large room not everybody is known by name. */
function unnamedOf({ users, activeUsers, self }: ProjectConnection): number {
  const isUnnamed = self?.userId && !users.some(({ userId }) => userId === self.userId);
  return Math.max(0, activeUsers - users.length - (isUnnamed ? 1 : 0));
}

/**
 * Returns avatars for the others who are online: one for each user, with initials and a colour. How they
 * look is up to you. `projectId` works as in {@link useProjectEvent}. The hook opens no connection.
 */
export function useAvatarStack(
  { max = 5 }: AvatarStackOptions = {},
  ...project: ProjectArgument
): AvatarStack {
  const unnamed = useSelected(useConnectionStore(project, unnamedOf, 0), Number, Object.is);
  const store = useConnectionStore(project, othersOf, NOBODY);
  const stack = (others: readonly Other[]): AvatarStack => {
    const first = [...others].sort(byArrival).slice(0, Math.max(0, max));
    return { avatars: first.map(stacked), more: others.length - first.length + unnamed };
  };
  return useSelected(store, stack, isSame);
}

function byArrival(one: Other, other: Other): number {
  return one.joinedAt - other.joinedAt || (one.userId < other.userId ? -1 : 1);
}

function stacked(other: Other): StackedAvatar {
  return { user: personOf(other), ...avatarOf(other), isLeaving: other.leavesAt !== undefined };
}
