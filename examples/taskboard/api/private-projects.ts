/**
 * Private projects are encrypted from end to end. This hands out their keys, to members only, and makes a
 * new one whenever a member is removed.
 */

import { type EpochKeys, epochKeys, type KeySource } from "@validiant/realtime/encryption";
import type { EpochKeyStore, Rooms } from "@validiant/realtime/server";
import type { Db } from "./database.ts";
import { MemberStore, type Membership } from "./members.ts";

export interface PrivateProjectsOptions {
  db: Db;
  store: EpochKeyStore;
  rooms: Rooms;
  /** How long a token lets somebody in who has one: for as long, who is removed is kept out. */
  tokenSeconds: number;
}

export class PrivateProjects {
  /** With these the API encrypts what it tells. */
  readonly keys: EpochKeys;
  readonly #members: MemberStore;
  readonly #store: EpochKeyStore;
  readonly #rooms: Rooms;
  readonly #tokenSeconds: number;

  constructor({ db, store, rooms, tokenSeconds }: PrivateProjectsOptions) {
    this.#members = new MemberStore(db);
    this.#store = store;
    this.#rooms = rooms;
    this.#tokenSeconds = tokenSeconds;
    this.keys = epochKeys(this.#source());
  }

  /** Answers a page that asks for a key: `current`, or that of an epoch. */
  async answer({ projectId, userId }: Membership, epoch: string): Promise<Response> {
    await this.#begin(projectId);
    return this.#store.answer(projectId, epoch, () =>
      this.#members.mayUse(userId, "project", projectId),
    );
  }

  async add(member: Membership): Promise<void> {
    await this.#members.add(member);
    // If they were removed before: a removal without an end lets them in again.
    await this.#rooms.removeUser(member.projectId, member.userId);
  }

  /**
   * Removes a member, in the order in which nothing that is said afterwards can be read with a key that
   * they ever had. Can be repeated until it succeeds; an API that was killed goes on with it at its next
   * start.
   */
  async remove(member: Membership): Promise<void> {
    if (await this.#members.remove(member)) await this.#shutOut(member);
  }

  async finishRemovals(): Promise<void> {
    for (const member of await this.#members.leaving()) await this.#shutOut(member);
  }

  async #shutOut(member: Membership): Promise<void> {
    const { projectId, userId } = member;
    const minKeyEpoch = await this.#store.rotate(projectId);
    this.keys.refresh(projectId);
    const forSeconds = this.#tokenSeconds;
    await this.#rooms.removeUser(projectId, userId, { forSeconds, minKeyEpoch });
    await this.#members.forget(member);
  }

  #source(): KeySource {
    return {
      get: (projectId, epoch) => this.#store.get(projectId, epoch),
      current: async (projectId) => {
        await this.#begin(projectId);
        return this.#store.current(projectId);
      },
    };
  }

  /**
   * A private project without a key is new. The realtime server takes nothing in it that is not encrypted,
   * and only then is there a key.
   */
  async #begin(projectId: string): Promise<void> {
    if (!(await this.#members.isPrivate("project", projectId))) return;
    if (await this.#store.current(projectId)) return;
    await this.#rooms.raiseKeyEpoch(projectId, 1);
    await this.#store.rotate(projectId);
  }
}
