/** Words for the log of a backend that would be noise if they were repeated. */

const said = new Set<string>();

/** Warns with this text, unless this process has done so already. */
export function sayOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  console.warn(text);
}
