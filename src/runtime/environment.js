/** What the Worker's environment has in it. */

/**
 * Tells the environment as `Environment` in the core takes it: the name, the type and the texts of each entry.
 * @param {import("#wasm").Env} env
 * @returns {string} JSON; an empty text if it can't be told
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
 * Text is what secrets and most variables are. Numbers, lists and the like in `wrangler.toml` come as what they are.
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
 * Not an object of the platform: to ask one for its JSON may be a call to another Worker.
 * @param {unknown} value
 */
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
