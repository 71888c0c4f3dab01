/**
 * Keys that can verify a signature: what a key set has (RFC 7517), as Web Crypto imports it.
 */

/** @typedef {"HS256" | "RS256" | "ES256" | "EdDSA"} Algorithm */
/** @typedef {{ algorithm: Algorithm, id: string | undefined, key: CryptoKey }} Key */
/** @typedef {{ [member: string]: unknown }} Jwk an entry of a key set, which can contain anything */

/** How Web Crypto imports a key, and how it verifies with it. */
export const ALGORITHMS = {
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

const MOST_KEYS = 100;
/** RFC 7518, 3.3. */
const LEAST_RSA_BITS = 2_048;

/**
 * @param {string} secret
 * @returns {Promise<Key>}
 */
export async function keyOfSecret(secret) {
  const bytes = new TextEncoder().encode(secret);
  const { take } = ALGORITHMS.HS256;
  const key = await crypto.subtle.importKey("raw", bytes, take, false, ["verify"]);
  return { algorithm: "HS256", id: undefined, key };
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
