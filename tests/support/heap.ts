/** The memory of the Worker's isolate, by the inspector of the runtime. */

import { once } from "node:events";
import WebSocket from "ws";
import type { Runtime } from "./runtime.ts";

const EVERY_MS = 20;

/** Looks at the memory again and again. The runtime must be `inspected`. */
export class HeapWatch {
  /** The most that was seen, in bytes: JavaScript, and all buffers with the memory of WebAssembly. */
  peak = 0;
  readonly #socket: WebSocket;
  #id = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const { result } = JSON.parse(data.toString());
      if (result?.usedSize === undefined) return;
      const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = result;
      this.peak = Math.max(this.peak, usedSize + embedderHeapUsedSize + backingStorageSize);
      this.#timer = setTimeout(() => this.#ask(), EVERY_MS);
    });
  }

  static async start({ inspectorPort }: Runtime): Promise<HeapWatch> {
    const socket = new WebSocket(`ws://127.0.0.1:${inspectorPort}/main`);
    await once(socket, "open");
    const watch = new HeapWatch(socket);
    watch.#ask();
    return watch;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#socket.terminate();
  }

  #ask(): void {
    this.#id += 1;
    this.#socket.send(JSON.stringify({ id: this.#id, method: "Runtime.getHeapUsage" }));
  }
}
