/** Who is using the page, and how they reach the API. */

import type { Encryption } from "@validiant/realtime";
import { createContext, use } from "react";
import type { Config, User } from "../../shared/board.ts";
import type { Api } from "./api.ts";
import type { Offline } from "./offline.ts";

export interface Session {
  me: User;
  config: Config;
  api: Api;
  /** What the user does goes through this. */
  offline: Offline;
  /** The keys of the projects that are encrypted. */
  encryption: Encryption;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("No user has been chosen yet.");
  return session;
}

/** Looks up a user's name. */
export function useNameOf(): (userId: string | null | undefined) => string {
  const { users } = useSession().config;
  return (userId) => users.find(({ id }) => id === userId)?.name ?? "Somebody";
}
