/**
 * Whether a token is signed with one of the keys of this server, by the runtime's cryptography (Web Crypto).
 *
 * An algorithm is bound to its key: a secret is for HS256 and nothing else, and a public key for the one algorithm
 * that its type allows. So nobody can have a public key taken for a secret, or a signature for none (RFC 8725, 3.1).
 */

/** @typedef {"HS256" | "RS256" | "ES256" | "EdDSA"} Algorithm */
/** @typedef {"valid" | "invalid" | "unavailable"} Verdict `unavailable`: the keys can't be had just now */
/** @typedef {{ algorithm: Algorithm, id: string | undefined, key: CryptoKey }} Key */

/** How Web Crypto takes a key in, and how it verifies with it. */
const ALGORITHMS = {
  HS256: { take: { name: "HMAC", hash: "SHA-256" }, verify: "HMAC" },
  RS256: { take: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: "RSASSA-PKCS1-v1_5" },
  ES256: {
    take: { name: "ECDSA", namedCurve: "P-256" },
    verify: { name: "ECDSA", hash: "SHA-256" },
  },
  EdDSA: { take: { name: "Ed25519" }, verify: "Ed25519" },
};

/** A key set is fetched anew after so long, in milliseconds. */
const FRESH_MS = 600_000;
/** A token with an unknown key has the set fetched again, and so has a failure, but not before so long. */
const LEAST_BETWEEN_FETCHES_MS = 30_000;
/** How many requests fetch at once while no set is known yet: none may wait for what another has begun. */
const MOST_FETCHES_AT_ONCE = 10;
const FETCH_TIMEOUT_MS = 5_000;
const MOST_BYTES = 65_536;
const MOST_KEYS = 100;
/** RFC 7518, 3.3. */
const LEAST_RSA_BITS = 2_048;

/**
 * @typedef {object} KeySource
 * @property {string[]} secrets for HS256
 * @property {string | undefined} jwks a key set in JSON (RFC 7517)
 * @property {string | undefined} jwksUrl where one is
 */

/** The keys of this server. */
export class KeyRing {
  #source;
  #now;
  #fetch;
  /** @type {Key[] | undefined} */
  #own;
  /** @type {Key[] | undefined} those that were fetched last; they stay while the URL is down */
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
   * @param {Algorithm} algorithm as the token says
   * @param {string | undefined} id of the key, as the token says
   * @param {string} signed
   * @param {Uint8Array<ArrayBuffer>} signature
   * @returns {Promise<Verdict>}
   */
  async verify(algorithm, id, signed, signature) {
    const keys = await this.#candidates(algorithm, id);
    if (keys === undefined) return "unavailable";
    const bytes = new TextEncoder().encode(signed);
    const { verify } = ALGORITHMS[algorithm];
    for (const { key } of keys)
      if (await crypto.subtle.verify(verify, key, signature, bytes)) return "valid";
    return "invalid";
  }

  /**
   * The keys that a signature may be by; undefined while it is not known which there are.
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
      const { message } = /** @type {Error} */ (thrown);
      console.error(
        JSON.stringify({ level: "error", event: "failure", action: "fetch_jwks", message }),
      );
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
  const { take } = ALGORITHMS.HS256;
  const keys = secrets.map(async (secret) => {
    const bytes = new TextEncoder().encode(secret);
    const key = await crypto.subtle.importKey("raw", bytes, take, false, ["verify"]);
    return { algorithm: /** @type {Algorithm} */ ("HS256"), id: undefined, key };
  });
  return [...(await Promise.all(keys)), ...(jwks === undefined ? [] : await keysIn(jwks))];
}

/**
 * The keys of a set that can be used here. What can't is passed over: a set may have keys for other ends.
 * @param {string} text
 * @returns {Promise<Key[]>}
 */
export async function keysIn(text) {
  const keys = listIn(text);
  const taken = await Promise.all(keys.slice(0, MOST_KEYS).map(keyOf));
  return taken.filter((key) => key !== undefined);
}

/**
 * @param {string} text
 * @returns {(JsonWebKey & { kid?: unknown })[]}
 */
function listIn(text) {
  try {
    const { keys } = JSON.parse(text);
    if (Array.isArray(keys)) return keys;
  } catch {
    // The error would quote the text.
  }
  throw new Error("not a key set: it must be a JSON object with a list of keys");
}

/**
 * @param {JsonWebKey & { kid?: unknown }} jwk
 * @returns {Promise<Key | undefined>}
 */
async function keyOf(jwk) {
  const algorithm = algorithmOf(jwk);
  if (algorithm === undefined) return undefined;
  const { take } = ALGORITHMS[algorithm];
  try {
    const key = await crypto.subtle.importKey("jwk", jwk, take, false, ["verify"]);
    return { algorithm, id: typeof jwk.kid === "string" ? jwk.kid : undefined, key };
  } catch {
    return undefined;
  }
}

/**
 * The one algorithm that a public key is for.
 * @param {JsonWebKey} jwk
 * @returns {Algorithm | undefined}
 */
function algorithmOf({ kty, crv, alg, use, n, d }) {
  if (d !== undefined || (use !== undefined && use !== "sig")) return undefined;
  const byType = { RSA: "RS256", "EC P-256": "ES256", "OKP Ed25519": "EdDSA" };
  const type = kty === "RSA" ? kty : `${kty} ${crv}`;
  const algorithm = /** @type {Algorithm | undefined} */ (byType[/** @type {"RSA"} */ (type)]);
  if (alg !== undefined && alg !== algorithm && !(alg === "Ed25519" && algorithm === "EdDSA"))
    return undefined;
  // Six bits a character.
  if (kty === "RSA" && (n ?? "").length * 6 < LEAST_RSA_BITS) return undefined;
  return algorithm;
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
 * @param {Uint8Array} signature a view of the WebAssembly's memory, which does not stay
 * @returns {() => Promise<Verdict>}
 */
export function checkedLater(ring, algorithm, id, signed, signature) {
  const copy = Uint8Array.from(signature);
  return () => ring.verify(algorithm, id, signed, copy);
}
