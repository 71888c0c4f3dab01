/** A pad on which the clients of a project see each other's pointers, by client events and presence data. */

import { avatarOf } from "../../packages/realtime/src/collaboration/avatar.ts";
import type {
  ConnectedPayload,
  UserUpdatedPayload,
} from "../../packages/realtime/src/server-frames.ts";
import { h } from "./dom.ts";
import type { Frame } from "./protocol.ts";

/** Where a pointer is said to be: other places of an app are none of the pad's business. */
const AT = "console";
const MOVED = "client-pointer";
/** Movements are sent together, this often. */
const BATCH_MS = 100;

/** A point of the pad, in fractions of its width and height. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Sends a message to the room, if the client is connected. */
export type Send = (message: object) => void;

export class Pad {
  readonly element: HTMLElement;
  readonly #send: Send;
  readonly #field = h("div", { class: "pad" });
  /** The others' dots, by connection. */
  readonly #dots = new Map<string, HTMLElement>();
  /** What was not sent yet: milliseconds since the first of them, and the point. */
  #points: [number, number, number][] = [];
  #since = 0;
  #last: Point = { x: 0, y: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(owner: string, send: Send) {
    this.#send = send;
    this.#field.setAttribute("role", "img");
    this.#field.setAttribute("aria-label", `Pointers that ${owner} sees`);
    this.element = h(
      "details",
      { class: "snippet" },
      h("summary", {}, "Pointers"),
      h("p", { class: "hint" }, "Move here. The other clients of the project see where you are."),
      this.#field,
    );
    this.#field.addEventListener("pointermove", (event) => this.#moved(event));
    this.#field.addEventListener("pointerleave", () => this.#rests());
  }

  /** Takes in a frame: where others are, and who has left. */
  hear({ type, payload, from }: Frame): void {
    if (type === MOVED && from) this.#follow(from.connectionId, from.userId ?? "", payload);
    else if (type === "CONNECTED") this.#begin(payload as ConnectedPayload);
    else if (type === "USER_UPDATED") this.#read(payload as UserUpdatedPayload);
    else if (type === "USER_LEFT") this.#left((payload as { userId: string }).userId);
  }

  #moved(event: PointerEvent): void {
    this.#last = this.#point(event);
    const { x, y } = this.#last;
    if (this.#points.length === 0) this.#since = event.timeStamp;
    this.#points.push([Math.round(event.timeStamp - this.#since), x, y]);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const points = this.#points.splice(0);
    if (points.length > 0)
      this.#send({ type: "SEND", eventType: MOVED, payload: { at: AT, points } });
  }

  /** Whoever comes later sees where it rested. */
  #rests(): void {
    this.#flush();
    const { x, y } = this.#last;
    this.#send({ type: "PRESENCE_SET", patch: { at: AT, cursor: [x, y] } });
  }

  #point({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.#field.getBoundingClientRect();
    return { x: fraction((clientX - left) / width), y: fraction((clientY - top) / height) };
  }

  #follow(connectionId: string, userId: string, payload: unknown): void {
    const { at, points } = (payload ?? {}) as { at?: unknown; points?: unknown };
    const last = Array.isArray(points) ? points.at(-1) : undefined;
    if (at === AT && Array.isArray(last)) this.#place(connectionId, userId, last[1], last[2]);
  }

  #begin({ users, connectionId }: ConnectedPayload): void {
    for (const id of [...this.#dots.keys()]) this.#remove(id);
    for (const user of users) this.#read(user, connectionId);
  }

  #read({ userId, data = [] }: Pick<UserUpdatedPayload, "userId" | "data">, own?: string): void {
    for (const { connectionId, data: said } of data) {
      const { at, cursor } = (said ?? {}) as { at?: unknown; cursor?: unknown };
      if (said === null) this.#remove(connectionId);
      else if (at === AT && Array.isArray(cursor) && connectionId !== own)
        this.#place(connectionId, userId, cursor[0], cursor[1]);
    }
  }

  #place(connectionId: string, userId: string, x: unknown, y: unknown): void {
    if (typeof x !== "number" || typeof y !== "number") return;
    const dot = this.#dots.get(connectionId) ?? this.#add(connectionId, userId);
    dot.style.insetInlineStart = `${fraction(x) * 100}%`;
    dot.style.insetBlockStart = `${fraction(y) * 100}%`;
  }

  #add(connectionId: string, userId: string): HTMLElement {
    const { background, color, initials } = avatarOf({ userId, userName: null });
    const dot = h("span", { class: "dot", title: userId, "data-user": userId }, initials);
    Object.assign(dot.style, { background, color });
    this.#dots.set(connectionId, dot);
    this.#field.append(dot);
    return dot;
  }

  #left(userId: string): void {
    for (const [connectionId, dot] of this.#dots)
      if (dot.dataset.user === userId) this.#remove(connectionId);
  }

  #remove(connectionId: string): void {
    this.#dots.get(connectionId)?.remove();
    this.#dots.delete(connectionId);
  }
}

function fraction(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}
