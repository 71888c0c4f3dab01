/** Stands in for the Worker on its storage, and reads or changes what the object of a project has stored. */

import { DurableObject } from "cloudflare:workers";

/** What ends an event in a page of the journal. The next one begins with its time. */
const EVENT_END = "\u001e";
const TIME = /^\d{13}/;
/** What stands before and after that time among the places of a room: its version is before it, its leaves are after. */
const SMALL_SINCE = /^([^ ]* )\d+(.*)$/;
/** Most clients are back by then. */
const SOON_MS = 1_000;

export class ProjectRoom extends DurableObject {
  sql(statement) {
    return this.ctx.storage.sql.exec(statement).toArray();
  }

  /** All values by key, each as text. */
  values() {
    const entries = this.#entries();
    return entries.map(([key, value]) => ({ key, value: textOf(value) }));
  }

  /** Makes all events of the journal older. */
  age(ms) {
    for (const [key, value] of this.#entries("page/")) {
      const [head, ...events] = textOf(value).split(EVENT_END);
      const older = events.map((event) => event.replace(TIME, (at) => String(Number(at) - ms)));
      const aged = [head, ...older].join(EVENT_END);
      this.ctx.storage.kv.put(key, new TextEncoder().encode(aged));
    }
    return [];
  }

  /** Dates back since when a room that has grown has been too large for its sockets, and lets it look soon. */
  async small(ms) {
    const hasGrown = this.sql("SELECT 1 FROM sqlite_master WHERE name = 'tree'").length > 0;
    for (const { objects } of hasGrown ? this.sql("SELECT objects FROM tree") : []) {
      const [, before, after] = SMALL_SINCE.exec(objects);
      this.ctx.storage.sql.exec("UPDATE tree SET objects = ?", before + (Date.now() - ms) + after);
      await this.ctx.storage.setAlarm(Date.now() + SOON_MS);
    }
    return [];
  }

  #entries(prefix = "") {
    return Array.from(this.ctx.storage.kv.list({ prefix }));
  }

  /** It was meant for the Worker, which gets it when it is back. */
  alarm() {
    return this.ctx.storage.setAlarm(Date.now() + 500);
  }
}

function textOf(value) {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

export default {
  async fetch(request, { ROOMS }) {
    const { project, calls } = await request.json();
    const answers = [];
    for (const [method, argument] of calls) {
      answers.push(await ROOMS.getByName(project)[method](argument));
    }
    return Response.json(answers);
  },
};
