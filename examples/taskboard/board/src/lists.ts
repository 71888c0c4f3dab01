/** Names in a sentence. */

const LIST = new Intl.ListFormat("en", { style: "long", type: "conjunction" });

/** “Ann is typing”, “Ann and Ben are typing”, “Ann, Ben and 3 others are typing”. */
export function sentence(names: readonly string[], what: string): string {
  const [first, second, ...rest] = names;
  if (first === undefined) return "";
  const others = rest.length === 1 ? rest : rest.length > 1 ? [`${rest.length} others`] : [];
  const all = second === undefined ? [first] : [first, second, ...others];
  return `${LIST.format(all)} ${names.length === 1 ? "is" : "are"} ${what}`;
}
