/** One member of the victim room, who knows which frame comes next. */

import WebSocket from "ws";
import { type Frame, within } from "../support/inbox.ts";
import type { Room } from "../support/target.ts";
import { inSeconds, token } from "../support/token.ts";

const TOKEN_SECONDS = 7 * 86_400;

export class Member {
  readonly userId: string;
  /** Whether everybody is there: from then on only events arrive. */
  isSettled = false;
  readonly #socket: WebSocket;
  readonly #hearsClients: boolean;
  readonly #violation: (text: string) => void;
  #expected: number | undefined;
  #heard: () => void = () => {};

  private constructor(
    room: Room,
    userId: string,
    hearsClients: boolean,
    violation: (text: string) => void,
  ) {
    this.userId = userId;
    this.#hearsClients = hearsClients;
    this.#violation = (text) => violation(`${userId}: ${text}`);
    const claims = { sub: userId, projects: [room.id], exp: inSeconds(TOKEN_SECONDS) };
    const url = `${room.url.replace(/^http/, "ws")}?${new URLSearchParams({ token: token(claims) })}`;
    this.#socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket.on("message", (data) => this.#hear(data.toString()));
    this.#socket.on("close", (code) => this.#violation(`the socket ended with ${code}`));
    this.#socket.on("error", (error) => this.#violation(String(error)));
  }

  /** Resolves when the person is in the room. */
  static async join(
    room: Room,
    userId: string,
    hearsClients: boolean,
    violation: (text: string) => void,
  ): Promise<Member> {
    const member = new Member(room, userId, hearsClients, violation);
    await within(new Promise((resolve) => member.#socket.once("message", resolve)), "CONNECTED");
    return member;
  }

  /** Resolves when the event with this number has arrived. */
  hears(event: number): Promise<void> {
    this.#expected = event;
    const heard = new Promise<void>((resolve) => {
      this.#heard = resolve;
    });
    return within(heard, `event ${event} at ${this.userId}`);
  }

  leave(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.terminate();
  }

  #hear(text: string): void {
    if (this.#hearsClients && text.startsWith('{"type":"client-')) return;
    const { type, payload } = JSON.parse(text) as Frame;
    if (type === "TASK_UPDATED" && payload === this.#expected) {
      this.#expected = undefined;
      this.#heard();
    } else if (this.isSettled || type === "TASK_UPDATED") this.#violation(`got ${text}`);
  }
}
