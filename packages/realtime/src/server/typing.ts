/** Which events a backend may send, and with what, by the map of its events. */

import type { RealtimeEventMap } from "../core/events.ts";

/**
 * A map that allows every event with every payload: the way out for events whose names are not known
 * to the compiler, as in `createBroadcaster<AnyEvents>(…)`.
 */
export type AnyEvents = Record<string, unknown>;

/** What may be sent: the events that are known, and those of the app's own map `E` beside them. */
export type EventsOf<E> = string extends keyof E ? E : RealtimeEventMap & E;

/** The names of the events in a map. */
export type EventName<Events> = Extract<keyof Events, string>;

/** What a compiler shows who sends an event that is not declared. */
export type Undeclared<T extends string> =
  `${T} is not declared. Add it to RealtimeEventMap of "@validiant/realtime", or take a broadcaster of <AnyEvents>`;

/** A name if it is in the map, otherwise the words that say where it belongs. */
export type Declared<Events, T extends string> = T extends EventName<Events> ? T : Undeclared<T>;

/** What may be given as a name. The known ones are in it so that editors offer them. */
export type Named<Events> = EventName<Events> | (string & {});

/** The payload of an event. */
export type PayloadOf<T extends string, Events = RealtimeEventMap> = T extends keyof Events
  ? Events[T]
  : never;

/** The same, without what the helper adds. */
export type DataOf<
  T extends string,
  Added extends string,
  Events = RealtimeEventMap,
> = T extends keyof Events
  ? unknown extends Events[T]
    ? Record<string, unknown>
    : Omit<Events[T], Added>
  : never;

/** A user who is left out, on all devices. Null or empty is nobody. */
export type ExcludedUser = string | null | undefined;

/** What comes last: data, which may be left out where the event needs none, and who is left out. */
export type DataArguments<Data> =
  Partial<Data> extends Data
    ? [data?: Data, excludeUserId?: ExcludedUser]
    : [data: Data, excludeUserId?: ExcludedUser];
