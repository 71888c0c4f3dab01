/** Where to connect: what the app says, checked before anything is tried. */

import { OptionError } from "./option-error.ts";

/** Where a project's room is. */
export interface Place {
  readonly protocol: "ws" | "wss";
  /** With its port. */
  readonly host: string;
  /** The path below which the server's own begin: empty, or such as `/realtime`. */
  readonly path: string;
  /** The project's id as it stands in a URL. */
  readonly room: string;
}

const FORM =
  /^(?:(?:http|ws)(s?):\/\/)?((?:\[[\da-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?)(\/[^\s?#]*)?$/i;
const SCHEME = /^[a-z][\w+.-]*:\/\//i;
const ROOM_PATH = /\/part(y|ies\/main)(\/|$)/;
/** Has no certificate, as a rule: this machine, and private networks. */
const UNENCRYPTED =
  /^(localhost|.*\.(localhost|local)|(127|10)(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[::1\])(:\d+)?$/i;

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

const MOST_BYTES = 128;

/** Understands where an app wants to connect. Fails with an {@link OptionError} that says what is wrong. */
export function placeOf(host: unknown, projectId: unknown): Place {
  return { ...serverOf(host), room: roomOf(projectId) };
}

function serverOf(option: unknown): Omit<Place, "room"> {
  const wrong = (what: string) => new OptionError("host", what);
  if (option === undefined || option === null || /^\s*(undefined|null|)\s*$/.test(`${option}`))
    throw wrong("is not set. Is a variable of the build missing, such as VITE_REALTIME_HOST?");
  const text = `${option}`.trim();
  const [, secure, host = "", port, path = ""] = FORM.exec(text) ?? [];
  if (!host || Number(port) > 65_535)
    throw wrong(
      "is no address such as realtime.example.com, localhost:1999 or https://example.com/realtime",
    );
  if (ROOM_PATH.test(path)) throw wrong("has the path of a room: give the address of the server");
  const isSecure = SCHEME.test(text) ? secure : !UNENCRYPTED.test(host);
  if (!isSecure && globalThis.location?.protocol === "https:" && !LOOPBACK.test(host))
    throw wrong(
      "is not encrypted, and no browser lets a page of https go there. Give it as https://…",
    );
  return { protocol: isSecure ? "wss" : "ws", host, path: path.replace(/\/+$/, "") };
}

function roomOf(option: unknown): string {
  const wrong = (what: string) => new OptionError("projectId", what);
  if (option === undefined || option === null || option === "") throw wrong("is not set");
  const id = `${option}`;
  // A URL has no place for these two: it takes them for its own steps.
  if ([...id].some(isForbidden) || id === "." || id === "..")
    throw wrong("may have no '/' and no control characters, and be neither '.' nor '..'");
  const room = encoded(id);
  if (!room) throw wrong("has half a character in it");
  if (room.replace(/%../g, "_").length > MOST_BYTES) throw wrong(`has over ${MOST_BYTES} bytes`);
  return room;
}

/** `/` and the control characters. */
function isForbidden(letter: string): boolean {
  const code = letter.charCodeAt(0);
  return letter === "/" || code < 32 || (code > 126 && code < 160);
}

function encoded(id: string): string | undefined {
  try {
    return encodeURIComponent(id);
  } catch {
    return undefined;
  }
}
