/** Where a device keeps its key pair and its pins. */

/** A place for things that never change. */
export interface DeviceStorage {
  /**
   * Whether it keeps a `CryptoKey` as it is, as IndexedDB does. Otherwise the private key is kept as text: it must be a
   * place that encrypts, such as Keychain or Keystore.
   */
  readonly keepsKeys: boolean;
  /** What is kept under this name. Undefined if nothing is. */
  get(name: string): Promise<unknown>;
  /** Keeps this unless something is kept under the name, and returns what is: the first one wins. */
  keep(name: string, value: unknown): Promise<unknown>;
}

const DATABASE = "validiant-realtime-devices";
const STORE = "kept";

/** The browser's own database. A page can ask for it to be persistent: `navigator.storage.persist()`. */
export function indexedDbStorage(): DeviceStorage {
  let opened: Promise<IDBDatabase> | undefined;
  const store = async (mode: IDBTransactionMode) => {
    opened ??= open();
    return (await opened).transaction(STORE, mode).objectStore(STORE);
  };
  return {
    keepsKeys: true,
    async get(name) {
      return result((await store("readonly")).get(name));
    },
    async keep(name, value) {
      return keepIn(await store("readwrite"), name, value);
    },
  };
}

/** For as long as the program runs. */
export function memoryStorage(): DeviceStorage {
  const kept = new Map<string, unknown>();
  return {
    keepsKeys: true,
    get: async (name) => kept.get(name),
    async keep(name, value) {
      if (!kept.has(name)) kept.set(name, value);
      return kept.get(name);
    },
  };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return result(request);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** In one transaction, for which other tabs wait. */
function keepIn(store: IDBObjectStore, name: string, value: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let kept = value;
    const before = store.get(name);
    before.onsuccess = () => {
      if (before.result === undefined) store.put(value, name);
      else kept = before.result;
    };
    store.transaction.oncomplete = () => resolve(kept);
    store.transaction.onabort = () => reject(store.transaction.error);
  });
}
