/** One TCP connection of an attacker: writes whatever bytes it likes, and keeps what comes. */

import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { within } from "../support/inbox.ts";
import { Received } from "./received.ts";

/** What is sent in pieces of 64 KiB comes as on a line of 500 Mbit/s; within one machine it would be twenty times that. */
const BETWEEN_PIECES_MS = 1;

export interface Address {
  host: string;
  port: number;
}

/** Does something with a connection of its own, which is closed then. */
export async function onWire<T>(address: Address, use: (wire: Wire) => Promise<T>): Promise<T> {
  const wire = await Wire.open(address);
  try {
    return await use(wire);
  } finally {
    await wire.close();
  }
}

export class Wire {
  readonly socket: Socket;
  readonly received = new Received();
  /** Resolves when the connection has ended, from there or from here. */
  readonly ended: Promise<void>;
  #hasEnded = false;
  #wake: () => void = () => {};

  private constructor({ host, port }: Address) {
    this.socket = connect({ host, port, noDelay: true });
    // A server that hangs up on an attacker is in its right.
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      this.received.push(chunk);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.socket.once("close", () => {
        this.#hasEnded = true;
        this.#wake();
        resolve();
      });
    });
    // The server's FIN is the end, also while there is more to write.
    this.socket.once("end", () => this.socket.destroy());
  }

  static async open(address: Address): Promise<Wire> {
    const wire = new Wire(address);
    const connected = new Promise((resolve) => wire.socket.once("connect", resolve));
    await within(Promise.race([connected, wire.ended]), "a TCP connection");
    return wire;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends one after the other until all is sent or the `answer` is there, and answers that. */
  async sendUntil<T>(answer: Promise<T>, all: Iterable<Uint8Array>): Promise<T> {
    let isAnswered = false;
    const heard = answer.finally(() => {
      isAnswered = true;
    });
    for (const bytes of all) {
      await Promise.race([this.#flush(bytes), heard]);
      if (isAnswered) break;
    }
    return heard;
  }

  /** Writes, at the pace of a line, and waits until the system has taken it: no sender fills its own memory. */
  async #flush(bytes: Uint8Array): Promise<void> {
    this.socket.write(bytes);
    await pause(BETWEEN_PIECES_MS);
    if (this.socket.writableNeedDrain)
      await new Promise((resolve) => this.socket.once("drain", resolve));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What `look` finds in what has come; undefined if the connection ends before it finds something. */
  async until<T>(look: (received: Received) => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = look(this.received);
      if (found !== undefined || this.#hasEnded) return found;
      await within(new Promise<void>((resolve) => (this.#wake = resolve)), "an answer");
    }
  }

  /** Hangs up. */
  close(): Promise<void> {
    this.socket.destroy();
    return this.ended;
  }
}
