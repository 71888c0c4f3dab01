/** Whether a project is encrypted, as the app and the server say, and under which epoch. */

import type { EncryptionState } from "../core/encryption.ts";
import type { EpochKeys } from "./keys.ts";

export class ProjectMode {
  readonly #keys: EpochKeys;
  readonly #projectId: string;
  readonly #onChange: () => void;
  #isEncrypted: boolean | undefined;
  #epoch = 0;
  #floor = 0;
  #state: EncryptionState | null = null;

  constructor(keys: EpochKeys, projectId: string, onChange: () => void) {
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

  /** This epoch has a key. */
  uses(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
    this.#become(true);
  }

  /** The server takes nothing below this epoch. Returns whether that is new. */
  raise(floor: unknown): boolean {
    if (typeof floor !== "number" || !(floor > this.#floor)) return false;
    this.#floor = floor;
    this.#become(true);
    return true;
  }

  #become(isEncrypted: boolean): void {
    this.#isEncrypted = isEncrypted;
    const epoch = Math.max(this.#epoch, this.#floor);
    if (isEncrypted && this.#state?.epoch !== epoch) {
      this.#state = { epoch };
    }
    this.#onChange();
  }
}
