/** Schemas that allow no more than they name. */

// biome-ignore lint/suspicious/noExplicitAny: a description is walked as the JSON that it is
type Json = any;

/**
 * The same, with every object closed that names its fields: a description leaves them open, so that the server may
 * gain fields, but what it says today must be described.
 */
export function closed(node: Json): Json {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== "object") return node;
  const all = Object.entries(node).map(([key, value]) => [key, closed(value)]);
  const isObject = node.type === "object" && "properties" in node;
  return { ...(isObject && { additionalProperties: false }), ...Object.fromEntries(all) };
}
