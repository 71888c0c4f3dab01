/** Encrypted documents on a {@link Vault}: with fake sockets and a fake clock, and with real encryption. */

import { afterEach } from "node:test";
import { noble } from "../../src/encryption/noble.ts";
import { type EpochKeys, epochKeys } from "../../src/encryption.ts";
import { type DocumentOptions, DocumentProvider } from "../../src/yjs.ts";
import { FakeSocket, pass } from "./fake-socket.ts";
import { VaultSocket } from "./vault.ts";

/** The key of an epoch, the same for all who have it. */
export const keyOf = (epoch: number) => new Uint8Array(32).fill(epoch);

/** The keys of one client. */
export class Ring {
  /** Up to which epoch the app hands out keys to it. */
  upto: number;
  /** Whether the app answers. */
  isReachable = true;
  readonly keys: EpochKeys;
  #answering: Promise<void> | undefined;

  constructor(upto = 1) {
    this.upto = upto;
    const answer = async <T>(value: () => T) => {
      await this.#answering;
      if (this.isReachable) return value();
      throw new Error("no answer");
    };
    this.keys = epochKeys(
      {
        get: (_, epoch) => answer(() => (epoch <= this.upto ? keyOf(epoch) : null)),
        current: () =>
          answer(() => (this.upto > 0 ? { epoch: this.upto, key: keyOf(this.upto) } : null)),
      },
      { crypto: noble() },
    );
  }

  /** The app takes its time to answer: until the function that this returns is called. */
  waits(): () => void {
    let answer = () => {};
    this.#answering = new Promise((resolve) => {
      answer = resolve;
    });
    return answer;
  }

  /** The app hands out the keys up to this epoch. */
  gets(upto: number): void {
    this.upto = upto;
    this.keys.refresh();
  }
}

const providers: DocumentProvider[] = [];

afterEach(() => {
  for (const provider of providers.splice(0)) provider.destroy();
});

/** A provider of document d1 in p1, as ann unless told otherwise, ended after the test. */
export function openSealed(
  ring: Ring = new Ring(),
  options: Partial<DocumentOptions> = {},
): DocumentProvider {
  const who = options.getToken ? {} : { user: { id: "ann" } };
  const where = { host: "example.com", projectId: "p1", docId: "d1", WebSocket: VaultSocket };
  const all = { ...where, ...who, encryption: { keys: ring.keys }, ...options };
  const provider = new DocumentProvider(all as DocumentOptions);
  providers.push(provider);
  return provider;
}

/** The newest socket, once it is made. */
export async function vaultSocket(): Promise<VaultSocket> {
  await pass(0);
  const newest = FakeSocket.made.at(-1);
  if (!newest) throw new Error("no socket was made");
  return newest as VaultSocket;
}

/** The same, in step with the server. */
export async function sealed(ring: Ring = new Ring(), options: Partial<DocumentOptions> = {}) {
  const provider = openSealed(ring, options);
  const first = await vaultSocket();
  first.joins();
  await pass(0);
  return { provider, first, text: provider.doc.getText("t") };
}
