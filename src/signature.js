/**
 * Checks whether a token is signed with one of this server's keys, using the runtime's cryptography (Web Crypto).
 *
 * An algorithm is bound to its key: a secret is only for HS256, and a public key only for the one algorithm that its
 * type allows. So a public key can't be used as a secret, and a missing signature is never accepted (RFC 8725, 3.1).
 */

import { ALGORITHMS, keyOfSecret, keysIn } from "./keys.js";

/** @typedef {import("./keys.js").Algorithm} Algorithm */
/** @typedef {import("./keys.js").Key} Key */
/** @typedef {"valid" | "invalid" | "unavailable"} Verdict `unavailable`: the keys can't be fetched at the moment */

/** How long a key set is used before it is fetched again, in milliseconds. */
const FRESH_MS = 600_000;
/** The minimum time before a token with an unknown key, or a failed fetch, makes the set be fetched again. */
const LEAST_BETWEEN_FETCHES_MS = 30_000;
/** How many requests may fetch at once while no set is known yet: a request can't await a fetch of another one. */
const MOST_FETCHES_AT_ONCE = 10;
const FETCH_TIMEOUT_MS = 5_000;
const MOST_BYTES = 65_536;

/**
 * @typedef {object} KeySource
 * @property {string[]} secrets for HS256
 * @property {string | undefined} jwks a key set in JSON (RFC 7517)
 * @property {string | undefined} jwksUrl the address of one
 */

/** The keys of this server. */
export class KeyRing {
  #source;
  #now;
  #fetch;
  /** @type {Key[] | undefined} */
  #own;
  /** @type {Key[] | undefined} the keys from the last fetch; they stay in use while the URL is down */
  #fetched;
  #staleAt = Number.NEGATIVE_INFINITY;
  #nextFetchAt = Number.NEGATIVE_INFINITY;
  #fetches = 0;

  /**
   * @param {KeySource} source
   * @param {() => number} now
   * @param {(url: string, init: RequestInit) => Promise<Response>} fetcher
   */
  constructor(source, now = Date.now, fetcher = (url, init) => fetch(url, init)) {
    this.#source = source;
    this.#now = now;
    this.#fetch = fetcher;
  }

  /**
   * Never rejects. A failure here does not mean that the signature is wrong: it is `unavailable`.
   * @param {Algorithm | "Ed25519"} algorithm as the token says
   * @param {string | undefined} id of the key, as the token says
   * @param {string} signed
   * @param {Uint8Array<ArrayBuffer>} signature
   * @returns {Promise<Verdict>}
   */
  async verify(algorithm, id, signed, signature) {
    try {
      return await this.#judge(
        algorithm === "Ed25519" ? "EdDSA" : algorithm,
        id,
        signed,
        signature,
      );
    } catch (thrown) {
      logFailure("verify_token", thrown);
      return "unavailable";
    }
  }

  /**
   * @param {Algorithm} algorithm
   * @param {string | undefined} id
   * @param {string} signed
   * @param {Uint8Array<ArrayBuffer>} signature
   * @returns {Promise<Verdict>}
   */
  async #judge(algorithm, id, signed, signature) {
    const keys = await this.#candidates(algorithm, id);
    if (keys === undefined) return "unavailable";
    const bytes = new TextEncoder().encode(signed);
    const { verify } = ALGORITHMS[algorithm];
    for (const { key } of keys)
      if (await crypto.subtle.verify(verify, key, signature, bytes)) return "valid";
    return "invalid";
  }

  /**
   * The keys that may have made a signature; undefined while the keys are unknown.
   * @param {Algorithm} algorithm
   * @param {string | undefined} id
   */
  async #candidates(algorithm, id) {
    const { jwksUrl } = this.#source;
    this.#own ??= await ownKeys(this.#source);
    const own = fitting(this.#own, algorithm, id);
    if (own.length > 0 || jwksUrl === undefined || algorithm === "HS256") return own;
    const find = () => this.#fetched && fitting(this.#fetched, algorithm, id);
    const isFound = this.#now() < this.#staleAt && (find() ?? []).length > 0;
    if (!isFound && this.#mayFetch()) await this.#refresh(jwksUrl);
    return find();
  }

  /**
   * Why tokens signed with public keys can't be checked: the setting, and what is wrong with it.
   * @returns {Promise<{ setting: string, problem: string } | undefined>}
   */
  async problem() {
    const { jwks, jwksUrl } = this.#source;
    this.#own ??= await ownKeys(this.#source);
    if (jwks !== undefined && this.#own.every(({ algorithm }) => algorithm === "HS256"))
      return { setting: "JWKS", problem: "has no key that can be imported" };
    if (jwksUrl === undefined) return undefined;
    if (this.#now() >= this.#staleAt && this.#mayFetch()) await this.#refresh(jwksUrl);
    const [setting, fetched] = ["JWKS_URL", this.#fetched];
    if (fetched === undefined) return { setting, problem: "did not return a key set" };
    return fetched.length > 0 ? undefined : { setting, problem: "has no key that can be used" };
  }

  #mayFetch() {
    const atOnce = this.#fetched === undefined ? MOST_FETCHES_AT_ONCE : 1;
    return this.#now() >= this.#nextFetchAt && this.#fetches < atOnce;
  }

  /** @param {string} url */
  async #refresh(url) {
    this.#fetches += 1;
    try {
      this.#fetched = await keysIn(await fetchText(this.#fetch, url));
      this.#staleAt = this.#now() + FRESH_MS;
    } catch (thrown) {
      logFailure("fetch_jwks", thrown);
    } finally {
      this.#fetches -= 1;
      this.#nextFetchAt = this.#now() + LEAST_BETWEEN_FETCHES_MS;
    }
  }
}

/**
 * @param {Key[]} keys
 * @param {Algorithm} algorithm
 * @param {string | undefined} id
 */
function fitting(keys, algorithm, id) {
  return keys.filter(
    (key) =>
      key.algorithm === algorithm && (id === undefined || key.id === undefined || key.id === id),
  );
}

/** @param {KeySource} source */
async function ownKeys({ secrets, jwks }) {
  const keys = secrets.map(keyOfSecret);
  return [...(await Promise.all(keys)), ...(await keysOfSetting(jwks))];
}

/**
 * The keys in `JWKS`. Whatever it contains, tokens signed with a secret are still checked.
 * @param {string | undefined} jwks
 * @returns {Promise<Key[]>}
 */
async function keysOfSetting(jwks) {
  if (jwks === undefined) return [];
  try {
    return await keysIn(jwks);
  } catch (thrown) {
    logFailure("read_jwks", thrown);
    return [];
  }
}

/**
 * @param {string} action
 * @param {unknown} thrown
 */
function logFailure(action, thrown) {
  const message = thrown instanceof Error ? thrown.message : "unknown";
  console.error(JSON.stringify({ level: "error", event: "failure", action, message }));
}

/**
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetcher
 * @param {string} url
 */
async function fetchText(fetcher, url) {
  const response = await fetcher(url, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`JWKS_URL answered ${response.status}`);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BYTES)
      throw new Error(`JWKS_URL answered more than ${MOST_BYTES} bytes`);
  }
  return text;
}

// ---- What the WebAssembly calls.

/**
 * @param {string[]} secrets
 * @param {string | undefined} jwks
 * @param {string | undefined} jwksUrl
 */
export function keyRing(secrets, jwks, jwksUrl) {
  return new KeyRing({ secrets, jwks, jwksUrl });
}

/**
 * @param {KeyRing} ring
 * @param {Algorithm} algorithm
 * @param {string | undefined} id
 * @param {string} signed
 * @param {Uint8Array} signature a view of the WebAssembly's memory, valid only during this call
 * @returns {() => Promise<Verdict>}
 */
export function checkedLater(ring, algorithm, id, signed, signature) {
  const copy = Uint8Array.from(signature);
  return () => ring.verify(algorithm, id, signed, copy);
}
