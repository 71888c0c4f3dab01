/** Encrypts what a backend broadcasts: for each project that is encrypted, by itself. */

import { envelopeOf, isBackend } from "../encryption/envelope.ts";
import type { EpochKeys } from "../encryption/keys.ts";
import { eventText, jsonOf } from "../encryption/plaintext.ts";
import { pauseBefore } from "./deliver.ts";
import { deliverTo, type EventDelivery } from "./deliver-to-many.ts";
import { BroadcastError } from "./error.ts";
import { missed, type ProjectResult } from "./results.ts";

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
  readonly #delivery: EventDelivery;
  readonly #encryption: BroadcastEncryption;
  readonly #event: { readonly eventType: string; readonly payload?: unknown };

  /** @param delivery the event as it would be sent if nothing were encrypted */
  constructor(delivery: EventDelivery, encryption: BroadcastEncryption) {
    this.#delivery = delivery;
    this.#encryption = encryption;
    this.#event = JSON.parse(delivery.body);
  }

  /**
   * Sends it: encrypted where a project is, and to all others together, as it is. Returns the result of each project, in
   * order, and never rejects.
   */
  async send(projectIds: readonly string[]): Promise<ProjectResult[]> {
    const { plaintextEvents = [] } = this.#encryption;
    if (plaintextEvents.includes(this.#event.eventType))
      return this.#sendPlain(projectIds, { plaintext: true });
    const { plain, encrypted, unknown } = await this.#sorted(projectIds);
    const work = encrypted.map((projectId) => () => this.#sendSealed(projectId));
    if (plain.length > 0) work.push(() => this.#sendPlain(plain));
    return inOrder(projectIds, [...unknown, ...(await allOf(work))]);
  }

  async #sendPlain(projectIds: readonly string[], more = {}): Promise<ProjectResult[]> {
    const [only = "", ...others] = projectIds;
    const delivery = this.#deliveryOf(others.length > 0 ? "" : only, { ...this.#event, ...more });
    const results = await deliverTo(projectIds, delivery);
    // Since the app was asked, these have become encrypted.
    const changed = results.filter((result) => isCode(result, "not_encrypted"));
    if (changed.length === 0) return results;
    const ids = changed.map(({ projectId }) => projectId);
    for (const projectId of ids) this.#encryption.keys.refresh(projectId);
    const { encrypted, unknown } = await this.#sorted(ids);
    const again = await allOf(encrypted.map((projectId) => () => this.#sendSealed(projectId)));
    return inOrder(projectIds, [...results, ...unknown, ...again]);
  }

  /** Which of these projects are encrypted, which are not, and of which it can't be known. */
  async #sorted(projectIds: readonly string[]) {
    const plain: string[] = [];
    const encrypted: string[] = [];
    const unknown: ProjectResult[] = [];
    const sort = async (projectId: string) => {
      try {
        ((await this.#isEncrypted(projectId)) ? encrypted : plain).push(projectId);
      } catch (error) {
        unknown.push(...missed([projectId], error as BroadcastError));
      }
    };
    await Promise.all(projectIds.map(sort));
    return { plain, encrypted, unknown };
  }

  async #sendSealed(projectId: string): Promise<ProjectResult[]> {
    try {
      return await this.#sealAndSend(projectId);
    } catch (error) {
      return missed([projectId], error as BroadcastError);
    }
  }

  async #sealAndSend(projectId: string): Promise<ProjectResult[]> {
    const id = this.#encryption.keys.sealer.randomId();
    const delivery = this.#deliveryOf(projectId, {});
    let minEpoch = 0;
    for (let renewals = 0; ; renewals += 1) {
      const payload = await this.#seal(projectId, id, minEpoch);
      const body = JSON.stringify({ ...this.#event, payload });
      const results = await deliverTo([projectId], { ...delivery, body });
      const stale = results.find((result) => isCode(result, "stale_key_epoch"));
      if (stale?.success !== false || renewals === RENEWALS) return results;
      minEpoch = stale.error.minKeyEpoch ?? payload.k + 1;
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
  #deliveryOf(projectId: string, body: object): EventDelivery {
    const path = `/parties/main${projectId && `/${encodeURIComponent(projectId)}`}`;
    const headers = { ...this.#delivery.headers, "Idempotency-Key": crypto.randomUUID() };
    return { ...this.#delivery, path, headers, body: JSON.stringify(body) };
  }
}

function isCode(result: ProjectResult, code: BroadcastError["code"]): boolean {
  return !result.success && result.error.code === code;
}

/** Does all of it, and returns what became of it. */
async function allOf(work: (() => Promise<ProjectResult[]>)[]): Promise<ProjectResult[]> {
  const results: ProjectResult[] = [];
  while (work.length > 0) {
    const some = work.splice(0, AT_ONCE).map((start) => start());
    results.push(...(await Promise.all(some)).flat());
  }
  return results;
}

/** The last result of each project. */
function inOrder(projectIds: readonly string[], results: ProjectResult[]): ProjectResult[] {
  const last = new Map(results.map((result) => [result.projectId, result]));
  return projectIds.flatMap((projectId) => last.get(projectId) ?? []);
}
