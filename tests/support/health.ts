/** What `/health` says of a server (P1.8). */

import { raw } from "./raw.ts";
import type { Server } from "./target.ts";

/** The answer, with the problems that it names. */
export async function healthOf(server: Server) {
  const { status, text } = await raw(server, "/health");
  const { status: said, problems } = JSON.parse(text);
  return { status, said, problems: problems as { setting: string; problem: string }[], text };
}

/** The status of the answer, and the names of the settings that have a problem. */
export async function problemsOf(server: Server): Promise<[number, string[]]> {
  const { status, problems } = await healthOf(server);
  return [status, problems.map(({ setting }) => setting)];
}
