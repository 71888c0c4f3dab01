/** Who else is there, as far as a client was told: P3.2, P5.1 and P5.5. */

import { isDeepStrictEqual } from "node:util";

interface Told {
  activeUsers?: number;
  users?: { userId: string }[];
  userId?: string;
}

export class Company {
  /** Everybody, in a small room; some of them, in a large one. */
  #users = new Set<string>();
  /** How many users there are. */
  count = 0;

  /** A frame has come, of whatever type. Answers whether it told who is there. */
  hear(type: string, { activeUsers, users, userId = "" }: Told): boolean {
    if (type === "CONNECTED" || type === "PRESENCE") {
      if (users) this.#users = new Set(users.map(({ userId }) => userId));
      this.count = activeUsers ?? Number.NaN;
      return true;
    }
    if (type === "USER_JOINED") this.#users.add(userId);
    else if (type === "USER_LEFT") this.#users.delete(userId);
    else return false;
    // They are told one by one only where everybody is listed.
    this.count = this.#users.size;
    return true;
  }

  /** Whether the client knows of exactly these users. */
  isOf(users: Set<string>): boolean {
    return this.count === users.size && isDeepStrictEqual(this.#users, users);
  }

  toString(): string {
    return `${this.count}: ${[...this.#users]}`;
  }
}
