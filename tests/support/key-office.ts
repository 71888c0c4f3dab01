/** The part of an app that makes epoch keys and hands them to the members of its projects. */

import { randomBytes, randomUUID } from "node:crypto";
import { appKeys, type EpochKeys } from "../../packages/realtime/src/encryption.ts";
import { createRooms, type Rooms, type ServerAccess } from "../../packages/realtime/src/server.ts";
import { SECRET, type Server } from "./target.ts";

/** One encrypted project. */
export class KeyOffice {
  readonly projectId: string = `test-${randomUUID()}`;
  readonly rooms: Rooms;
  /** The key of epoch 1, 2, …, in base64url. */
  readonly #keys: string[] = [];
  readonly #removed = new Set<string>();

  constructor(server: Server, access: Pick<ServerAccess, "fetch"> = {}) {
    this.rooms = createRooms({ url: server.url, secret: SECRET, ...access });
    this.#make();
  }

  get epoch(): number {
    return this.#keys.length;
  }

  /** The keys of a member, as their page has them. */
  keysOf(userId: string): EpochKeys {
    return appKeys({
      fetchKey: async (_, asked) => {
        const epoch = asked === "current" ? this.epoch : asked;
        const key = this.#keys[epoch - 1];
        return key && !this.#removed.has(userId) ? { epoch, key } : null;
      },
    });
  }

  /** All keys up to this epoch, as somebody has them who has kept them. */
  keysUntil(last: number): EpochKeys {
    return appKeys({
      fetchKey: async (_, asked) => {
        const epoch = asked === "current" ? last : asked;
        const key = epoch <= last ? this.#keys[epoch - 1] : undefined;
        return key ? { epoch, key } : null;
      },
    });
  }

  /** A new key, which alone is taken from now on. */
  async rotate(): Promise<void> {
    this.#make();
    await this.rooms.raiseKeyEpoch(this.projectId, this.epoch);
  }

  /** Removes a member, as docs/encryption.md says. */
  async remove(userId: string): Promise<void> {
    this.#removed.add(userId);
    this.#make();
    await this.rooms.removeUser(this.projectId, userId, {
      forSeconds: 3_600,
      minKeyEpoch: this.epoch,
    });
  }

  #make(): void {
    this.#keys.push(randomBytes(32).toString("base64url"));
  }
}
