/** A backend with the compiler's settings of NestJS: CommonJS, and packages resolved without their `exports`. */

import { ERROR_CODES } from "@validiant/realtime";
import { appKeys, generateEpochKey } from "@validiant/realtime/encryption";
import { invalidateQueriesOnEvents } from "@validiant/realtime/react";
import { BroadcastEvent, createBroadcaster } from "@validiant/realtime/server";
import { DocumentProvider } from "@validiant/realtime/yjs";
import { useDocument } from "@validiant/realtime/yjs/react";
import { Doc } from "yjs";

declare const process: { env: Record<string, string> };
declare const console: { log(text: string): void };

declare module "@validiant/realtime" {
  interface RealtimeEventMap {
    FILE_UPLOADED: { fileId: string };
  }
}

async function publish(): Promise<void> {
  const { REALTIME_URL: url, BROADCAST_SECRET: secret } = process.env;
  const realtime = createBroadcaster({ url, secret });
  await realtime.publishToProject("p1", BroadcastEvent.TASK_UPDATED, { taskId: "t1" });
  await realtime.publishToProject("p1", "FILE_UPLOADED", { fileId: "f1" });
  // @ts-expect-error: not declared
  realtime.broadcastToProject("p1", "FILE_UPLOADD", { fileId: "f1" });
  const keys = appKeys({ fetchKey: async () => ({ epoch: 7, key: generateEpochKey() }) });
  if ((await keys.current("p1"))?.key.length !== 32) throw new Error("There is no key.");
  const provider = new DocumentProvider({
    host: "",
    projectId: "p1",
    docId: "d1",
    user: { id: "ann" },
  });
  // Not so if there were two copies of Yjs.
  if (!(provider.doc instanceof Doc)) throw new Error("The document is of another Yjs.");
  provider.destroy();
  console.log(typeof useDocument);
  console.log(`${ERROR_CODES.unauthorized.status} ${typeof invalidateQueriesOnEvents}`);
}

void publish();
