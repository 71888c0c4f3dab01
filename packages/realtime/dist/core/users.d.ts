/** Who is in a project, kept up to date from what the server says. */
import type { Frame } from "./frames.ts";
/** A user who is in the project, on however many devices. */
export interface OnlineUser {
    readonly userId: string;
    /** What people call the user; null if nobody said. */
    readonly userName: string | null;
    /** Where the user's picture is, if the token names one. */
    readonly avatar?: string;
    /** Since when, in milliseconds since 1970. */
    readonly joinedAt: number;
    /** Whether a token says who the user is. False where everybody may say who they are. */
    readonly verified: boolean;
}
/** The users that are known by name, and how many there are. */
export interface Roster {
    readonly users: readonly OnlineUser[];
    /** More than `users` has in a room of more than 100. */
    readonly activeUsers: number;
}
export declare const NOBODY: Roster;
/** The roster after a frame: the same object if the frame changes nothing of it. */
export declare function rosterAfter(roster: Roster, { type, payload, timestamp }: Frame): Roster;
