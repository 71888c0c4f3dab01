/** Warnings for a backend's log that would be noise if repeated. */

const said = new Set<string>();

/** Logs this warning, unless this process has done so already. */
export function sayOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  console.warn(text);
}
