/** The encryption of a connection: decrypts what comes, in order, and encrypts what is sent. */

import type { Channel, ChannelHooks, EncryptionState } from "../core/channel.ts";
import { report, type Unsubscribe } from "../core/emitter.ts";
import type { EventSender } from "../core/events.ts";
import type { Frame } from "../core/frames.ts";
import { inTime } from "../core/in-time.ts";
import type { PresenceData } from "../core/people.ts";
import { isOver, type RealtimeStatus } from "../core/status.ts";
import { EventReader } from "./event-reader.ts";
import { Held, type HeldEvent } from "./held.ts";
import type { Keyring } from "./keyring.ts";
import { Opener } from "./opener.ts";
import { type Outcome, type Refusal, UNKNOWN_EPOCH } from "./outcome.ts";
import { Outgoing } from "./outgoing.ts";
import { PresenceReader } from "./presence-reader.ts";
import { ProjectMode } from "./project-mode.ts";
import { Repeats } from "./repeats.ts";
import { KEY_PATIENCE_MS, Retry } from "./retry.ts";

/** For how many keys the app is asked at once: a server that lies must not make clients flood it. */
const MOST_AWAITED = 32;
/** Not all clients tell their presence data again at the same moment. */
const SPREAD_MS = 500;

/** A frame that has come, or the keys that have. */
type Job = { readonly frame: Frame } | { readonly found: Set<number> };

export class EncryptedChannel implements Channel {
  readonly #keys: Keyring;
  readonly #hooks: ChannelHooks;
  readonly #plaintextEvents: readonly string[] | undefined;
  readonly #mode: ProjectMode;
  readonly #opener: Opener;
  readonly #outgoing: Outgoing;
  readonly #held = new Held();
  readonly #retry = new Retry(() => void this.#look());
  #events: EventReader;
  #presence: PresenceReader;
  #queue: Job[] = [];
  #isBusy = false;
  /** Counts up with each end of a connection: what came on it and has not been told will come again. */
  #life = 0;
  /** Counts up with each user. */
  #user = 0;
  /** The floor at this point in the order of frames. */
  #floor = 0;
  /** The number of the last event that has been told or is held. */
  #seq = 0;
  #state: EncryptionState | null = null;
  /** Whether the project is not encrypted, as far as is known. */
  #isPlain = false;
  #isOver = true;
  #isNoticed = false;
  #unsubscribe: Unsubscribe = () => {};

  constructor(keys: Keyring, plaintextEvents: readonly string[] | undefined, hooks: ChannelHooks) {
    const { projectId } = hooks;
    this.#keys = keys;
    this.#hooks = hooks;
    this.#plaintextEvents = plaintextEvents;
    this.#mode = new ProjectMode(keys, projectId, () => this.#modeChanged());
    this.#opener = new Opener(keys, projectId, this.#mode, (epoch) => this.#awaited.has(epoch));
    this.#outgoing = new Outgoing(keys, this.#mode, {
      projectId,
      self: hooks.self,
      post: hooks.post,
      repeatPresence: hooks.repeatPresence,
      onStuck: () => this.#retry.later(),
    });
    const repeats = new Repeats();
    this.#events = this.#eventReader(repeats);
    this.#presence = new PresenceReader(this.#opener, this.#mode, repeats);
  }

  get state(): EncryptionState | null {
    return this.#state;
  }

  receive(frames: readonly Frame[]): void {
    for (const frame of frames) if (!this.#hear(frame)) this.#queue.push({ frame });
    void this.#work();
  }

  post(message: object, frameBytes?: number, data?: PresenceData): boolean {
    return this.#outgoing.post(message, frameBytes, data);
  }

  statusChanged(status: RealtimeStatus): void {
    if (status.state === "online") return;
    this.#endLife();
    if (isOver(status)) this.#stop();
    else this.#start();
  }

  forget(): void {
    this.#endLife();
    this.#user += 1;
    this.#queue = [];
    this.#seq = 0;
    this.#held.clear();
    this.#outgoing.forget();
    const repeats = new Repeats();
    this.#events = this.#eventReader(repeats);
    this.#presence = new PresenceReader(this.#opener, this.#mode, repeats);
    // The app may have other keys for this user.
    this.#keys.refresh(this.#hooks.projectId);
  }

  #eventReader(repeats: Repeats): EventReader {
    return new EventReader(this.#opener, this.#mode, repeats, this.#plaintextEvents);
  }

  /** The epochs whose keys are awaited. */
  get #awaited(): ReadonlySet<number> {
    return new Set([...this.#held.epochs, ...this.#presence.epochs]);
  }

  #start(): void {
    if (!this.#isOver) return;
    this.#isOver = false;
    const { projectId } = this.#hooks;
    this.#unsubscribe = this.#keys.subscribe((changed = projectId) => {
      if (changed === projectId) this.#notice();
    });
    this.#notice();
  }

  #stop(): void {
    this.#isOver = true;
    this.#unsubscribe();
    this.#retry.reset();
  }

  #endLife(): void {
    this.#life += 1;
    this.#queue = this.#queue.filter((job) => "found" in job);
    this.#outgoing.clear();
  }

  /** What can't wait for its turn. Returns whether the frame is dealt with. */
  #hear({ type, payload }: Frame): boolean {
    const { minKeyEpoch, ...said } = Object(payload);
    if (!/^(CONNECTED|KEY_EPOCH|ERROR)$/.test(type)) return false;
    this.#raise(minKeyEpoch);
    if (type === "ERROR") return this.#outgoing.refused(said);
    this.#notice();
    return false;
  }

  #raise(floor: unknown): void {
    const { state } = this.#mode;
    this.#mode.raise(floor);
    // The app has a newer key than the one that is known.
    if (state && state !== this.#mode.state) this.#keys.refresh(this.#hooks.projectId);
  }

  /** There may be new keys. */
  #notice(): void {
    if (this.#isNoticed) return;
    this.#isNoticed = true;
    queueMicrotask(() => {
      this.#isNoticed = false;
      this.#retry.reset();
      void this.#look();
    });
  }

  /** Looks for all that is waited for. */
  async #look(): Promise<void> {
    if (this.#isOver) return;
    const epochs = [UNKNOWN_EPOCH, ...[...this.#awaited].slice(0, MOST_AWAITED)];
    const asked = await Promise.all(
      epochs.map(async (epoch) => ((await this.#isThere(epoch)) ? epoch : [])),
    );
    if (this.#isOver) return;
    const found = new Set(asked.flat());
    if ([...this.#awaited].some((epoch) => found.has(epoch))) this.#queue.push({ found });
    void this.#work();
    this.#outgoing.resume();
    if (epochs.some((epoch) => !found.has(epoch))) this.#retry.later();
  }

  async #isThere(epoch: number): Promise<boolean> {
    const { projectId } = this.#hooks;
    const answer: Promise<unknown> =
      epoch === UNKNOWN_EPOCH ? this.#mode.ask() : this.#keys.get(projectId, epoch);
    return Boolean(await inTime(KEY_PATIENCE_MS, answer).catch(() => false));
  }

  #modeChanged(): void {
    const { state, isEncrypted } = this.#mode;
    const wasTold = this.#state !== null || this.#isPlain;
    this.#isPlain = isEncrypted === false;
    if (state === this.#state) return;
    this.#state = state;
    this.#hooks.changed(state);
    // What has been told of this client is not under this key.
    if (wasTold) this.#repeatPresence();
  }

  #repeatPresence(): void {
    this.#hooks.repeatPresence(Math.random() * SPREAD_MS);
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let job = this.#queue.shift(); job; job = this.#queue.shift())
      try {
        if ("found" in job) {
          await this.#release(job.found);
          continue;
        }
        const life = this.#life;
        const reading = this.#read(job.frame);
        // What needs no work is told at once.
        const outcome = reading instanceof Promise ? await reading : reading;
        if (life === this.#life) this.#deal(job.frame, outcome);
      } catch (error) {
        report(error);
      }
    this.#isBusy = false;
  }

  #read(frame: Frame): Outcome | Promise<Outcome> {
    const { type, payload, seq } = frame;
    const { minKeyEpoch = 0, connectionId } = Object(payload);
    if (type === "CONNECTED" || type === "KEY_EPOCH")
      this.#floor = Math.max(this.#floor, minKeyEpoch);
    // It was told, or is held, from an earlier connection.
    if (seq !== undefined && seq <= this.#seq) return { kind: "drop" };
    if (!/^(CONNECTED|PRESENCE|USER_(JOINED|LEFT|UPDATED))$/.test(type))
      return this.#events.read(frame, this.#floor, false);
    const ownId = type === "CONNECTED" ? connectionId : this.#hooks.self()?.connectionId;
    return this.#presence.read(frame, this.#floor, ownId);
  }

  #deal(frame: Frame, outcome: Outcome): void {
    if (outcome.kind === "drop") return;
    const { recovered, seq = 0 } = Object(frame.payload);
    if (frame.type === "CONNECTED" && !recovered) this.#seq = seq;
    this.#seq = frame.seq ?? this.#seq;
    if (outcome.kind === "take") this.#take(outcome, false);
    // A newer key may have come since the server had this client's data, which count as told now.
    if (frame.type === "CONNECTED" && this.#presence.ownEpoch < (this.#state?.epoch ?? 0))
      this.#repeatPresence();
    if (outcome.kind === "refuse") this.#refuse(frame, outcome.refusal);
    if (outcome.kind !== "hold") return;
    const { epoch } = outcome;
    this.#held.add({ frame, epoch, floor: this.#floor });
    this.#retry.later();
    if (epoch !== UNKNOWN_EPOCH) this.#refuse(frame, { reason: "no_key", epoch });
  }

  #take({ frame, isNew, refusals = [] }: Taken, isLate: boolean): void {
    if (isNew?.() === false) return;
    this.#hooks.take(frame, isLate ? "late" : undefined);
    for (const refusal of refusals) this.#refuse(frame, refusal);
    if (refusals.some(({ reason }) => reason === "no_key")) this.#retry.later();
  }

  /** Says that something can't be read. */
  #refuse(frame: Frame, { reason, epoch, of }: Refusal, isLate = false): void {
    const { type, seq, timestamp = Date.now() } = frame;
    const from = of ?? (frame as { from?: EventSender }).from;
    const number = seq === undefined ? {} : { seq };
    const payload = { type, reason, epoch, ...number, ...(from && { from }) };
    const event = { type: "undecryptable", payload, timestamp };
    this.#hooks.take(isLate ? event : { ...event, ...number }, "own");
  }

  /** The keys of these epochs are there: what has waited for them is told, in the order in which it came. */
  async #release(found: Set<number>): Promise<void> {
    const user = this.#user;
    if (this.#held.takeLost(found)) this.#resync();
    for (let event = this.#held.first(found); event; event = this.#held.first(found)) {
      const outcome = await this.#events.read(event.frame, event.floor, true);
      // While the connection is over, everything stays for when it is not.
      if (this.#isOver || user !== this.#user) return;
      if (outcome.kind !== "hold") this.#letGo(event, outcome);
      else {
        found.delete(event.epoch);
        this.#retry.later();
      }
    }
    for (const outcome of await this.#presence.release(found))
      if (outcome.kind === "take" && user === this.#user) this.#take(outcome, true);
  }

  #letGo(event: HeldEvent, outcome: Outcome): void {
    this.#held.remove(event);
    if (outcome.kind === "take") this.#take(outcome, true);
    // Of the others it has been said that they can't be read.
    const isTold = event.epoch !== UNKNOWN_EPOCH;
    if (outcome.kind === "refuse" && !isTold) this.#refuse(event.frame, outcome.refusal, true);
  }

  /** More has waited for a key than could be held. */
  #resync(): void {
    const payload = { projectId: this.#hooks.projectId, first: false };
    this.#hooks.take({ type: "resync", payload, timestamp: Date.now() }, "own");
  }
}

type Taken = Extract<Outcome, { kind: "take" }>;
