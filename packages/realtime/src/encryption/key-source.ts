/** Where the keys of projects come from. */

/** The key of an epoch. */
export interface EpochKey {
  readonly epoch: number;
  /** 32 random bytes. */
  readonly key: Uint8Array;
}

/** Where keys come from. A rejection means that it could not tell: it is asked again later. */
export interface KeySource {
  /** The key of this epoch. Null if it is not there, or not there yet. */
  get(projectId: string, epoch: number): Promise<Uint8Array | null>;
  /** The key to encrypt with. Null if the project is not encrypted. */
  current(projectId: string): Promise<EpochKey | null>;
}
