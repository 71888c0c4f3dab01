/**
 * Checks whether a token is signed with one of this server's keys, using the runtime's cryptography (Web Crypto).
 *
 * An algorithm is bound to its key: a secret is only for HS256, and a public key only for the one algorithm that its
 * type allows. So a public key can't be used as a secret, and a missing signature is never accepted (RFC 8725, 3.1).
 */

/** @typedef {"HS256" | "RS256" | "ES256" | "EdDSA"} Algorithm */
/** @typedef {"valid" | "invalid" | "unavailable"} Verdict `unavailable`: the keys can't be fetched at the moment */
/** @typedef {{ algorithm: Algorithm, id: string | undefined, key: CryptoKey }} Key */
/** @typedef {{ [member: string]: unknown }} Jwk an entry of a key set, which can contain anything */

/** How Web Crypto imports a key, and how it verifies with it. */
const ALGORITHMS = {
  HS256: { take: { name: "HMAC", hash: "SHA-256" }, verify: "HMAC" },
  RS256: { take: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: "RSASSA-PKCS1-v1_5" },
  ES256: {
    take: { name: "ECDSA", namedCurve: "P-256" },
    verify: { name: "ECDSA", hash: "SHA-256" },
  },
  EdDSA: { take: { name: "Ed25519" }, verify: "Ed25519" },
};

/** The members of a public key, by its type (RFC 7518, 6). */
const KEY_MEMBERS = {
  HS256: [],
  RS256: ["kty", "n", "e"],
  ES256: ["kty", "crv", "x", "y"],
  EdDSA: ["kty", "crv", "x"],
};

/** How long a key set is used before it is fetched again, in milliseconds. */
const FRESH_MS = 600_000;
/** The minimum time before a token with an unknown key, or a failed fetch, makes the set be fetched again. */
const LEAST_BETWEEN_FETCHES_MS = 30_000;
/** How many requests may fetch at once while no set is known yet: a request can't await a fetch of another one. */
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
  const { take } = ALGORITHMS.HS256;
  const keys = secrets.map(async (secret) => {
    const bytes = new TextEncoder().encode(secret);
    const key = await crypto.subtle.importKey("raw", bytes, take, false, ["verify"]);
    return { algorithm: /** @type {Algorithm} */ ("HS256"), id: undefined, key };
  });
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
 * The usable keys of a set. Others are ignored: a set may have keys for other purposes.
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
 * @returns {unknown[]}
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
 * @param {unknown} entry
 * @returns {Promise<Key | undefined>} undefined if it is not a usable key
 */
async function keyOf(entry) {
  const algorithm = usageOf(entry);
  if (algorithm === undefined) return undefined;
  const jwk = /** @type {Jwk} */ (entry);
  try {
    const { take } = ALGORITHMS[algorithm];
    const key = await crypto.subtle.importKey("jwk", bare(jwk, algorithm), take, false, ["verify"]);
    return { algorithm, id: typeof jwk.kid === "string" ? jwk.kid : undefined, key };
  } catch {
    return undefined;
  }
}

/**
 * A key without its descriptive members (`alg`, `use`, `key_ops`, `ext`, `x5c`): they have been checked here, and
 * runtimes differ in which of them they accept. workerd, for example, only accepts `EdDSA` as the `alg` of Ed25519.
 * @param {Jwk} jwk
 * @param {Algorithm} algorithm
 * @returns {JsonWebKey}
 */
function bare(jwk, algorithm) {
  const members = KEY_MEMBERS[algorithm].map((member) => [member, jwk[member]]);
  return /** @type {JsonWebKey} */ (Object.fromEntries(members));
}

/**
 * The one algorithm that an entry of a key set is for, if it is a usable public key.
 * @param {unknown} entry
 */
function usageOf(entry) {
  const isObject = typeof entry === "object" && entry !== null;
  return isObject ? algorithmOf(/** @type {Jwk} */ (entry)) : undefined;
}

/**
 * The one algorithm that a public key is for.
 * @param {Jwk} jwk
 * @returns {Algorithm | undefined}
 */
function algorithmOf({ kty, crv, alg, use, key_ops: operations, n, d }) {
  const isForSignatures = (use ?? "sig") === "sig" && mayVerify(operations ?? ["verify"]);
  if (d !== undefined || !isForSignatures) return undefined;
  const byType = { RSA: "RS256", "EC P-256": "ES256", "OKP Ed25519": "EdDSA" };
  const type = kty === "RSA" ? kty : `${kty} ${crv}`;
  const algorithm = /** @type {Algorithm | undefined} */ (byType[/** @type {"RSA"} */ (type)]);
  // RFC 9864 renames EdDSA with this curve.
  const named = alg === "Ed25519" ? "EdDSA" : alg;
  if ((named ?? algorithm) !== algorithm) return undefined;
  // Six bits per character.
  if (kty === "RSA" && !(typeof n === "string" && n.length * 6 >= LEAST_RSA_BITS)) return undefined;
  return algorithm;
}

/** @param {unknown} operations the value of `key_ops` (RFC 7517, 4.3) */
function mayVerify(operations) {
  return Array.isArray(operations) && operations.includes("verify");
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
 * How many keys of a set are of a usable kind. Whether a key is valid is only known once it is imported.
 * @param {string} text
 * @returns {number | undefined} undefined if it is not a key set
 */
export function usableKeys(text) {
  try {
    return listIn(text)
      .slice(0, MOST_KEYS)
      .filter((entry) => usageOf(entry) !== undefined).length;
  } catch {
    return undefined;
  }
}

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
