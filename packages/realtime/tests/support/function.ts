/**
 * A serverless platform in small: it runs a handler that broadcasts, answers, and freezes the process at that moment,
 * as the platforms do. `request-context` gives the handler what Next.js and Vercel give it, and freezes after the
 * work that was handed over.
 */

import { writeSync } from "node:fs";
import { broadcasterFromEnvironment, configureBroadcasts } from "../../src/server.ts";

const [context, timeoutMs = "2000"] = process.argv.slice(2);
const handedOver: Promise<unknown>[] = [];

if (context === "request-context")
  Object.assign(globalThis, {
    [Symbol.for("@next/request-context")]: {
      get: () => ({ waitUntil: (work: Promise<unknown>) => handedOver.push(work) }),
    },
  });
configureBroadcasts({ timeoutMs: Number(timeoutMs) });

await broadcasterFromEnvironment().broadcastToProject("p", "TASK_UPDATED", { taskId: "t" });
say("answered");
await Promise.all(handedOver);
say("frozen");
process.kill(process.pid, "SIGSTOP");

/** At once, for nothing that is buffered leaves a frozen process. */
function say(word: string): void {
  writeSync(1, `${word}\n`);
}
