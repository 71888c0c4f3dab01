/** Ids that a client can make by itself, in the order in which they were made: UUIDv7 (RFC 9562). */

let last = 0;

/**
 * A new UUIDv7, for the id of a row that is created offline. Later ones sort after earlier ones, on this
 * page even if the clock goes back.
 */
export function uuidv7(): string {
  last = Math.max(Date.now(), last + 1);
  const time = last.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7xxx-vxxx-xxxxxxxxxxxx`.replace(/[xv]/g, (digit) => {
    const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
    return (digit === "x" ? random & 15 : (random & 3) | 8).toString(16);
  });
}

/** Makes new ids sort after this one, which another tab or an earlier visit has made. */
export function sortAfter(id: string): void {
  last = Math.max(last, Number.parseInt(id.replace("-", "").slice(0, 12), 16) || 0);
}
