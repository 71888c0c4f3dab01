/** The types that decide which events a backend can send, and with which payloads. */

import type { RealtimeEventMap } from "../core/events.ts";

/**
 * A map that allows every event with every payload. Use it for events whose names the compiler can't
 * know, as in `createBroadcaster<AnyEvents>(…)`.
 */
export type AnyEvents = Record<string, unknown>;

/** What can be sent: the declared events, and those of the app's own map `E`. */
export type EventsOf<E> = string extends keyof E ? E : RealtimeEventMap & E;

/** The names of the events in a map. */
export type EventName<Events> = Extract<keyof Events, string>;

/** What the compiler shows for an event that is not declared. */
export type Undeclared<T extends string> =
  `${T} is not declared. Add it to RealtimeEventMap of "@validiant/realtime", or use a broadcaster of <AnyEvents>`;

/** The name if it is in the map, otherwise a message that says where to declare it. */
export type Declared<Events, T extends string> = T extends EventName<Events> ? T : Undeclared<T>;

/** Any event name. It includes the known ones so that editors suggest them. */
export type Named<Events> = EventName<Events> | (string & {});

/** The payload of an event. */
export type PayloadOf<T extends string, Events = RealtimeEventMap> = T extends keyof Events
  ? Events[T]
  : never;

/** The payload without the fields that the helper adds. */
export type DataOf<
  T extends string,
  Added extends string,
  Events = RealtimeEventMap,
> = T extends keyof Events
  ? unknown extends Events[T]
    ? Record<string, unknown>
    : Omit<Events[T], Added>
  : never;

/** A user to leave out, on all devices. Null or empty means nobody. */
export type ExcludedUser = string | null | undefined;

/**
 * The one connection to leave out: `connection.self.connectionId` of the client that made the change.
 * Together with the user it is only this connection of the user's. Null or empty means none. An id that
 * no client has, because it is too long for example, leaves nobody out.
 */
export type ExcludedConnection = string | null | undefined;

/** Whom to leave out: a user on all devices, or only one connection. */
export type Excluded = [excludeUserId?: ExcludedUser, excludeConnectionId?: ExcludedConnection];

/** The last arguments: data, optional if the event needs none, and whom to leave out. */
export type DataArguments<Data> =
  Partial<Data> extends Data
    ? [data?: Data, ...excluded: Excluded]
    : [data: Data, ...excluded: Excluded];
