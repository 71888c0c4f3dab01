/** Whether a project is encrypted, as the app and the server say, and under which epoch. */

import type { EncryptionState } from "../core/channel.ts";
import type { Keyring } from "./keyring.ts";

export class ProjectMode {
  readonly #keys: Keyring;
  readonly #projectId: string;
  readonly #onChange: () => void;
  #isEncrypted: boolean | undefined;
  #epoch = 0;
  #floor = 0;
  #proven = 0;
  #state: EncryptionState | null = null;

  constructor(keys: Keyring, projectId: string, onChange: () => void) {
    this.#keys = keys;
    this.#projectId = projectId;
    this.#onChange = onChange;
  }

  /** Undefined while it is not known. Once encrypted, a project stays so: nobody can talk a client out of it. */
  get isEncrypted(): boolean | undefined {
    return this.#isEncrypted;
  }

  /** The lowest epoch that the server takes. */
  get floor(): number {
    return this.#floor;
  }

  get state(): EncryptionState | null {
    return this.#state;
  }

  /** Asks the app. Resolves with whether it is known now. */
  async ask(): Promise<boolean> {
    try {
      const current = await this.#keys.current(this.#projectId);
      if (current) this.uses(current.epoch);
      else if (this.#isEncrypted === undefined) this.#become(false);
    } catch {
      // It is asked again later.
    }
    return this.#isEncrypted !== undefined;
  }

  /** Something under this epoch could be opened. A newer one than is known is the current one, or will be. */
  proves(epoch: number): void {
    const isNewer = epoch > Math.max(this.#epoch, this.#proven);
    this.#proven = Math.max(this.#proven, epoch);
    this.#become(true);
    if (isNewer) this.#keys.refresh(this.#projectId);
  }

  /** This epoch is what this client encrypts under. */
  uses(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
    this.#become(true);
  }

  /** The server takes nothing below this epoch. */
  raise(floor: unknown): void {
    if (typeof floor !== "number" || !(floor > this.#floor)) return;
    this.#floor = floor;
    this.#become(true);
  }

  #become(isEncrypted: boolean): void {
    const before = this.#isEncrypted;
    this.#isEncrypted = isEncrypted;
    // That there was no current key is not true any more.
    if (before === false && isEncrypted) this.#keys.refresh(this.#projectId);
    const epoch = Math.max(this.#epoch, this.#floor);
    if (epoch > (this.#state?.epoch ?? 0)) this.#state = { epoch };
    this.#onChange();
  }
}
