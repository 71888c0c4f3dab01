/** Stands in for the Worker on its storage, and runs SQL in the object of a project. */

import { DurableObject } from "cloudflare:workers";

export class ProjectRoom extends DurableObject {
  run(statement) {
    return this.ctx.storage.sql.exec(statement).toArray();
  }

  /** It was meant for the Worker, which gets it when it is back. */
  alarm() {
    return this.ctx.storage.setAlarm(Date.now() + 500);
  }
}

export default {
  async fetch(request, { ROOMS }) {
    const { project, statements } = await request.json();
    const answers = [];
    for (const statement of statements) answers.push(await ROOMS.getByName(project).run(statement));
    return Response.json(answers);
  },
};
