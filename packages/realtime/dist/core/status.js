/** How a connection is, in words. */
export const CONNECTING = { state: "connecting", reason: "Connecting." };
export const ONLINE = { state: "online", reason: "Connected." };
export const CLOSED = { state: "closed", reason: "Closed by this app." };
/** Why a connection ends that the server does not end. */
const LOSSES = {
    lost: "The connection was lost.",
    silent: "The server does not answer any more.",
    unreachable: "The server can't be reached.",
    noToken: "The app could not get a sign-in from its backend.",
};
const REASONS = {
    bad_request: "The user's id or name is too long or has control characters.",
    not_allowed: "This user may not see this project.",
    removed: "This user was removed from the project.",
    message_too_big: "A message to the server was too big.",
    rate_limited: "This client sent too much.",
    token_invalid: "The sign-in was not accepted.",
    token_expired: "The sign-in has expired.",
    try_again: "The server asks to try again.",
    connection_limit: "There are too many connections, of this user or in this project.",
};
/** The same, or what explains it. */
export function lossReason(loss) {
    return globalThis.navigator?.onLine === false ? "This device is offline." : LOSSES[loss];
}
/** What the server's reason says, in words. */
export function inWords({ code, setting }) {
    if (setting)
        return `The server lets nobody in: see its setting ${setting}.`;
    return (code && REASONS[code]) ?? LOSSES.lost;
}
/** Reads the reason of a close; an empty one if it is none of the server's. */
export function readReason(text) {
    try {
        return Object(JSON.parse(text));
    }
    catch {
        return {};
    }
}
