/** Stands in for the Worker on its storage, and reads or changes what the object of a project has stored. */

import { DurableObject } from "cloudflare:workers";

/** What begins an event in a page of the journal: the end of the one before, and the time. */
const TIMES = /\u001e(\d{13})\u001f/g;

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
      const aged = textOf(value).replace(TIMES, (_, at) => `\u001e${Number(at) - ms}\u001f`);
      this.ctx.storage.kv.put(key, new TextEncoder().encode(aged));
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
