/** The Worker's environment. */

/**
 * Describes the environment for `Environment` in the core: the name, the type and the texts of each entry.
 * @param {import("#wasm").Env} env
 * @returns {string} JSON; empty if it can't be described
 */
export function environment(env) {
  try {
    const entries = Object.entries(env).filter(([, value]) => value !== undefined);
    return JSON.stringify(entries.map(([name, value]) => [name, ...typed(value)]));
  } catch {
    return "";
  }
}

/**
 * Secrets and most variables are text. Numbers, lists and the like in `wrangler.toml` keep their type.
 * @param {unknown} value
 * @returns {string[]}
 */
function typed(value) {
  if (typeof value === "string") return ["text", value];
  if (isBare(value)) return ["bare", String(value)];
  if (Array.isArray(value)) {
    const isRead = value.every((entry) => typeof entry === "string" || isBare(entry));
    return isRead ? ["list", ...value.map(String)] : ["unreadable"];
  }
  if (isPlain(value)) return ["object", JSON.stringify(value)];
  return [value === null || typeof value === "number" ? "unreadable" : "binding"];
}

/**
 * A larger number has lost some of its digits.
 * @param {unknown} value
 */
function isBare(value) {
  const isNumber = typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isNumber || typeof value === "boolean";
}

/**
 * Not an object of the platform: converting one to JSON can be a call to another Worker.
 * @param {unknown} value
 */
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
