/** The keys of projects: where they come from, and what is kept of them. */

import type { Channel, ChannelHooks } from "../core/channel.ts";
import type { DocumentMode, ModeHooks } from "../yjs/mode.ts";
import { EncryptedChannel } from "./channel.ts";
import { isEpoch, KEY_BYTES, LAST_EPOCH } from "./context.ts";
import { openDocument } from "./document/open.ts";
import type { EpochKey, KeySource } from "./key-source.ts";
import type { Keyring } from "./keyring.ts";
import { type Crypto, primitivesOf } from "./primitives.ts";
import { ProjectKeys } from "./project-keys.ts";
import { Sealer } from "./sealer.ts";

/** Options of {@link epochKeys}. */
export interface EpochKeysOptions {
  /** What to encrypt with where there is no WebCrypto: `react-native-quick-crypto`, or `noble()`. */
  readonly crypto?: Crypto;
}

/**
 * The keys of projects, kept in memory: a key for good, and which one is current for 10 minutes. The current epoch never
 * goes down again, and a project that was encrypted stays so.
 */
export class EpochKeys implements Keyring {
  readonly #source: KeySource;
  readonly #projects = new Map<string, ProjectKeys>();
  readonly #listeners = new Set<(projectId: string | undefined) => void>();
  /** @internal */
  readonly sealer: Sealer;

  /** Use {@link epochKeys}, or one of the sources. */
  constructor(source: KeySource, { crypto }: EpochKeysOptions = {}) {
    this.#source = source;
    this.sealer = new Sealer(this, primitivesOf(crypto));
  }

  /**
   * The encryption of a connection.
   *
   * @internal
   */
  channel(plaintextEvents: readonly string[] | undefined, hooks: ChannelHooks): Channel {
    return new EncryptedChannel(this, plaintextEvents, hooks);
  }

  /**
   * The encryption of a document. Undefined if the project is not encrypted.
   *
   * @internal
   */
  openDocument(hooks: ModeHooks, isWanted: () => boolean): Promise<DocumentMode | undefined> {
    return openDocument(this, hooks, isWanted);
  }

  async get(projectId: string, epoch: number): Promise<Uint8Array | null> {
    if (!isEpoch(epoch))
      throw new RangeError(`An epoch is a whole number from 1 to ${LAST_EPOCH}.`);
    return this.#project(projectId).get(epoch);
  }

  async current(projectId: string): Promise<EpochKey | null> {
    return this.#project(projectId).current();
  }

  /** There may be new keys, of this project or of any: the source is asked again. */
  refresh(projectId?: string): void {
    this.forget(projectId);
    this.#tell(projectId);
  }

  /** Calls the listener when there are, or may be, new keys, of this project or of any. */
  subscribe(listener: (projectId: string | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Forgets which key is current, and which were not there.
   *
   * @internal
   */
  forget(projectId?: string): void {
    const all = projectId === undefined ? this.#projects.values() : [this.#project(projectId)];
    for (const project of all) project.forget();
  }

  #project(projectId: string): ProjectKeys {
    const known = this.#projects.get(projectId);
    if (known) return known;
    const project = new ProjectKeys(projectId, this.#source, () => this.#tell(projectId));
    this.#projects.set(projectId, project);
    return project;
  }

  #tell(projectId: string | undefined): void {
    for (const listener of [...this.#listeners]) listener(projectId);
  }
}

/** Keys from any source, such as one for each device, or a group's. */
export function epochKeys(source: KeySource, options?: EpochKeysOptions): EpochKeys {
  return new EpochKeys(source, options);
}

/** A new key: 32 random bytes. */
export function generateEpochKey(options: EpochKeysOptions = {}): Uint8Array {
  return primitivesOf(options.crypto).random(KEY_BYTES);
}
