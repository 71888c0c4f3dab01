/** Encrypts what a backend broadcasts: for each project that is encrypted, by itself. */

import { envelopeOf, isBackend } from "../encryption/envelope.ts";
import type { EpochKeys } from "../encryption/keys.ts";
import { eventText, jsonOf } from "../encryption/plaintext.ts";
import { type Delivery, deliver, pauseBefore } from "./deliver.ts";
import { BroadcastError } from "./error.ts";

/** The option `encryption` of a broadcaster. */
export interface BroadcastEncryption {
  /** Where the keys come from: made with `@validiant/realtime/encryption`. */
  keys: EpochKeys;
  /**
   * The types of events that are sent unencrypted although a project is encrypted. Only clients that expect
   * them so take them.
   */
  plaintextEvents?: readonly string[] | undefined;
  /** Which backend this is, if there are several: 1 to 64 bytes of UTF-8. Default: `backend`. */
  name?: string | undefined;
}

const NAME = "backend";
/** How often an event is encrypted anew because the server has meanwhile asked for a newer key. */
const RENEWALS = 3;
/** To how many projects an event is sent at once. */
const AT_ONCE = 32;

/** What is wrong with the option, if anything is. */
export function problemIn({ keys, name = NAME }: BroadcastEncryption): string | undefined {
  if (!isBackend(`b:${name}`)) return "encryption.name must have 1 to 64 bytes";
  return keys?.sealer ? undefined : "encryption.keys is not set";
}

/** One event on its way to its projects. */
export class SealedBroadcast {
  readonly #delivery: Delivery;
  readonly #encryption: BroadcastEncryption;
  readonly #event: { readonly eventType: string; readonly payload?: unknown };

  /** @param delivery the event as it would be sent if nothing were encrypted */
  constructor(delivery: Delivery & { body: string }, encryption: BroadcastEncryption) {
    const { projectIds: _, ...event } = JSON.parse(delivery.body);
    this.#delivery = delivery;
    this.#encryption = encryption;
    this.#event = event;
  }

  /**
   * Sends it: encrypted where a project is, and to all others in one request, as it is. Returns the last of the
   * server's answers. Fails with a {@link BroadcastError} if it has failed for one of the projects.
   */
  async send(projectIds: readonly string[]): Promise<unknown> {
    const { plaintextEvents = [] } = this.#encryption;
    if (plaintextEvents.includes(this.#event.eventType))
      return this.#sendPlain(projectIds, { plaintext: true });
    const { plain, encrypted } = await this.#sorted(projectIds);
    const work = encrypted.map((projectId) => () => this.#sendSealed(projectId));
    if (plain.length > 0) work.push(() => this.#sendPlain(plain));
    return allOf(work);
  }

  async #sendPlain(projectIds: readonly string[], more = {}): Promise<unknown> {
    const [only = "", ...others] = projectIds;
    const event = { ...this.#event, ...more };
    const delivery =
      others.length > 0
        ? this.#deliveryOf("", { projectIds, ...event })
        : this.#deliveryOf(only, event);
    try {
      return await deliver(delivery);
    } catch (error) {
      // Since the app was asked, a project has become encrypted.
      if (!isCode(error, "not_encrypted")) throw error;
      for (const projectId of projectIds) this.#encryption.keys.refresh(projectId);
      const { encrypted } = await this.#sorted(projectIds);
      if (encrypted.length === 0) throw error;
      return allOf(encrypted.map((projectId) => () => this.#sendSealed(projectId)));
    }
  }

  /** Which of these projects are encrypted, and which are not. */
  async #sorted(projectIds: readonly string[]) {
    const plain: string[] = [];
    const encrypted: string[] = [];
    const sort = async (projectId: string) =>
      ((await this.#isEncrypted(projectId)) ? encrypted : plain).push(projectId);
    await Promise.all(projectIds.map(sort));
    return { plain, encrypted };
  }

  async #sendSealed(projectId: string): Promise<unknown> {
    const id = this.#encryption.keys.sealer.randomId();
    const delivery = this.#deliveryOf(projectId, {});
    let minEpoch = 0;
    for (let renewals = 0; ; renewals += 1) {
      const payload = await this.#seal(projectId, id, minEpoch);
      const body = JSON.stringify({ ...this.#event, payload });
      try {
        return await deliver({ ...delivery, body });
      } catch (error) {
        if (!isCode(error, "stale_key_epoch") || renewals === RENEWALS) throw error;
        minEpoch = error.minKeyEpoch ?? payload.k + 1;
      }
    }
  }

  #isEncrypted(projectId: string): Promise<boolean> {
    const { keys } = this.#encryption;
    return this.#withKeys(projectId, async () => (await keys.current(projectId)) !== null);
  }

  #seal(projectId: string, id: string, minEpoch: number) {
    const { keys, name = NAME } = this.#encryption;
    const { eventType: type, payload } = this.#event;
    const sender = `b:${name}`;
    const context = { kind: "event", projectId, type, sender } as const;
    const text = eventText(id, jsonOf(payload));
    return this.#withKeys(projectId, async () =>
      envelopeOf(await keys.sealer.seal(context, text, minEpoch), sender),
    );
  }

  /** Does what needs keys, several times if need be: nothing can be sent without them. */
  async #withKeys<T>(projectId: string, work: () => Promise<T>): Promise<T> {
    const { retries, deadline } = this.#delivery;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (cause) {
        const pause = pauseBefore(attempt);
        if (attempt >= retries || Date.now() + pause > deadline)
          throw new BroadcastError("no_key", `There is no key to encrypt with for ${projectId}`, {
            cause,
          });
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** A request of its own. Without a project, it is for those in the body. */
  #deliveryOf(projectId: string, body: object): Delivery {
    const path = `/parties/main${projectId && `/${encodeURIComponent(projectId)}`}`;
    const headers = { ...this.#delivery.headers, "Idempotency-Key": crypto.randomUUID() };
    return { ...this.#delivery, path, headers, body: JSON.stringify(body) };
  }
}

function isCode(error: unknown, code: BroadcastError["code"]): error is BroadcastError {
  return error instanceof BroadcastError && error.code === code;
}

/** Does all of it, even if some fails, and then fails with the first failure. */
async function allOf(work: (() => Promise<unknown>)[]): Promise<unknown> {
  const answers: PromiseSettledResult<unknown>[] = [];
  while (work.length > 0)
    answers.push(...(await Promise.allSettled(work.splice(0, AT_ONCE).map((start) => start()))));
  const failed = answers.find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return (answers.at(-1) as PromiseFulfilledResult<unknown> | undefined)?.value;
}
