/** Where to connect: the app's options, checked before any attempt. */

import { OptionError } from "./option-error.ts";

/** Where a room is: a project's, or a document's. */
export interface Place {
  readonly protocol: "ws" | "wss";
  /** Includes the port. */
  readonly host: string;
  /** The path that the server's own paths are below: empty, or for example `/realtime`. */
  readonly path: string;
  /** The path of the room, below `/parties/` and encoded: `main/p1` or `docs/p1/d1`. */
  readonly room: string;
}

const FORM =
  /^(?:(?:http|ws)(s?):\/\/)?((?:\[[\da-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?)(\/[^\s?#]*)?$/i;
const SCHEME = /^[a-z][\w+.-]*:\/\//i;
const ROOM_PATH = /\/part(y|ies\/(main|docs))(\/|$)/;
/** This machine and private networks, which usually have no certificate. */
const UNENCRYPTED =
  /^(localhost|.*\.(localhost|local)|(127|10)(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[::1\])(:\d+)?$/i;

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

const MOST_BYTES = 128;

/** Where a project's room is. Fails with an {@link OptionError} that says what is wrong. */
export function placeOf(host: unknown, projectId: unknown): Place {
  return { ...serverOf(host), room: `main/${idOf("projectId", projectId)}` };
}

/** The same for a document of a project. */
export function documentPlaceOf(host: unknown, projectId: unknown, docId: unknown): Place {
  const room = `docs/${idOf("projectId", projectId)}/${idOf("docId", docId)}`;
  return { ...serverOf(host), room };
}

function serverOf(option: unknown): Omit<Place, "room"> {
  const wrong = (what: string) => new OptionError("host", what);
  if (option === undefined || option === null || /^\s*(undefined|null|)\s*$/.test(`${option}`))
    throw wrong("is not set. Is a build variable missing, such as VITE_REALTIME_HOST?");
  const text = `${option}`.trim();
  const [, secure, host = "", port, path = ""] = FORM.exec(text) ?? [];
  if (!host || Number(port) > 65_535)
    throw wrong("must be an address such as realtime.example.com or localhost:1999");
  if (ROOM_PATH.test(path)) throw wrong("must be the server's address, without the path of a room");
  const isSecure = SCHEME.test(text) ? secure : !UNENCRYPTED.test(host);
  if (!isSecure && globalThis.location?.protocol === "https:" && !LOOPBACK.test(host))
    throw wrong("is not encrypted, which browsers block on an https page. Use https://…");
  return { protocol: isSecure ? "wss" : "ws", host, path: path.replace(/\/+$/, "") };
}

function idOf(name: "projectId" | "docId", option: unknown): string {
  const wrong = (what: string) => new OptionError(name, what);
  if (option === undefined || option === null || option === "") throw wrong("is not set");
  const id = `${option}`;
  // A URL can't contain these two: it resolves them as steps in the path.
  if ([...id].some(isForbidden) || id === "." || id === "..")
    throw wrong("must not be '.' or '..', or contain '/' or control characters");
  const inUrl = encoded(id);
  if (!inUrl) throw wrong("contains half a character");
  if (inUrl.replace(/%../g, "_").length > MOST_BYTES)
    throw wrong(`is longer than ${MOST_BYTES} bytes`);
  return inUrl;
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
