/** What an app may declare, and what it gets for it. Only the compiler reads it. */

import { webcrypto } from "node:crypto";
import { connectProject, type GetToken } from "@validiant/realtime";
import { appKeys, epochKeys, generateEpochKey } from "@validiant/realtime/encryption";
import { noble } from "@validiant/realtime/encryption/noble";
import { type QueryMap, typedHooks } from "@validiant/realtime/react";
import {
  type AnyEvents,
  broadcasterFromEnvironment,
  broadcastProjectEvent,
  broadcastTaskEvent,
  broadcastToProject,
  createBroadcaster,
  deleteDocument,
  readDocument,
  seedDocument,
} from "@validiant/realtime/server";
import { DocumentProvider } from "@validiant/realtime/yjs";
import { useDocument } from "@validiant/realtime/yjs/react";

declare module "@validiant/realtime" {
  interface TaskPayload {
    actorId?: string;
  }

  interface ProjectPayload {
    actorId?: string;
  }

  interface RealtimeEventMap {
    COMMENT_ADDED: TaskPayload & { commentId: string };
  }

  interface ClientEventMap {
    "client-nudge": { taskId: string };
    "client-wave": undefined;
  }

  interface PresenceData {
    selection?: string[];
  }
}

const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
let actor: string | undefined;

// What clients send to each other, and who has sent it.
project.on("client-nudge", ({ payload, from }) => (actor = from.userId ?? payload.taskId));
project.send("client-nudge", { taskId: "t1" }, { userIds: ["ann"] });
project.send("client-wave");
project.on("*", (event) => {
  if (event.type === "client-nudge") actor = event.from.connectionId + event.payload.taskId;
});
// @ts-expect-error: to do what?
project.send("client-nudge");
// @ts-expect-error: not declared
project.send("client-poke", {});
// @ts-expect-error: a backend's event
project.send("TASK_UPDATED", { taskId: "t1" });
// @ts-expect-error: of another type
project.send("client-nudge", { taskId: 1 });
// @ts-expect-error: no client has sent it
project.on("TASK_DELETED", ({ from }) => from);
// @ts-expect-error: a client's event
broadcastToProject("p1", "client-nudge", { taskId: "t1" });

// What a connection says about its user.
project.setPresence({ at: "task:t1", cursor: [0.5, 1], selection: ["t1"], status: null });
project.setPresence({ editing: undefined });
for (const { data, connections } of project.others)
  actor = data.selection?.[0] ?? connections[0]?.data.at;
project.on("others", ({ payload }) => (actor = payload[0]?.data.selection?.[0]));
project.on("self", ({ payload }) => (actor = payload?.data.at));
// @ts-expect-error: not declared
project.setPresence({ mood: "good" });
// @ts-expect-error: of another type
project.setPresence({ status: "asleep" });

// A field that all events of a task, of a project and of its members have.
project.on("TASK_STATUS_CHANGED", ({ payload }) => (actor = payload.actorId));
project.on("TASK_DELETED", ({ payload }) => (actor = payload.actorId));
project.on("MEMBER_ADDED", ({ payload }) => (actor = payload.actorId));
project.on("COMMENT_ADDED", ({ payload }) => (actor = payload.actorId ?? payload.commentId));
// @ts-expect-error: not declared
project.on("TASK_DELETED", ({ payload }) => (actor = payload.authorId));

// The server says which document has changed.
project.on("DOC_CHANGED", ({ payload }) => (actor = payload.docId));

// The backend may send it, and nothing that is not declared.
broadcastTaskEvent("p1", "t1", "TASK_UPDATED", { status: "done", actorId: "ann" });
broadcastProjectEvent("p1", "PROJECT_UPDATED", { actorId: actor ?? "ann" });
// @ts-expect-error: of another type
broadcastTaskEvent("p1", "t1", "TASK_UPDATED", { actorId: 1 });
// @ts-expect-error: not declared
broadcastTaskEvent("p1", "t1", "TASK_UPDATED", { authorId: "ann" });

// What an event needs can't be left out.
broadcastTaskEvent("p1", "t1", "TASK_DELETED");
broadcastTaskEvent("p1", "t1", "TASK_ASSIGNED", { assigneeId: "ben" }, "ann");
broadcastProjectEvent("p1", "PROJECT_UPDATED", undefined, "ann");
// @ts-expect-error: to whom?
broadcastTaskEvent("p1", "t1", "TASK_ASSIGNED");
// @ts-expect-error: who?
broadcastProjectEvent("p1", "MEMBER_ADDED", { role: "editor" });

// Events about comments are known, and an app may have declared one of them before they were.
project.on("REACTION_CHANGED", ({ payload }) => (actor = payload.emoji ?? payload.commentId));
broadcastTaskEvent("p1", "t1", "THREAD_READ", { threadId: "c1" });
// @ts-expect-error: which thread?
broadcastTaskEvent("p1", "t1", "THREAD_RESOLVED", { resolved: true });

// An event has to be declared, and what it carries has to be as declared.
broadcastToProject("p1", "COMMENT_ADDED", { taskId: "t1", commentId: "c1" }, "ann");
// @ts-expect-error: misspelt
broadcastToProject("p1", "TASK_UPDTED", { taskId: "t1" });
// @ts-expect-error: misspelt
broadcastTaskEvent("p1", "t1", "TASK_UPDTED");
// @ts-expect-error: nothing of a task
broadcastToProject("p1", "TASK_UPDATED", { nonsense: 1 });
// @ts-expect-error: not declared of it
broadcastToProject("p1", "COMMENT_ADDED", { taskId: "t1", commentId: "c1", nonsense: 1 });

// A name that is one of several that are known, as an API passes it on.
const changed: "TASK_CREATED" | "TASK_UPDATED" = actor ? "TASK_CREATED" : "TASK_UPDATED";
broadcastTaskEvent("p1", "t1", changed, { status: "done" });

// The way out: names that the compiler does not know, and a map of the app's own.
const server = { url: "https://realtime.example.com", secret: "s" };
const anything = createBroadcaster<AnyEvents>(server);
anything.broadcastToProject("p1", "CUSTOM_EVENT", { data: "anything" });
for (const result of await anything.publishToProjects(["p1", "p2"], "CUSTOM_EVENT", {}))
  actor = result.success ? `${result.projectId} ${result.recipients}` : result.error.code;
anything.broadcastTaskEvent("p1", "t1", "CUSTOM_EVENT", { data: "anything" }, "ann");
anything.broadcastTaskEvent("p1", "t1", "CUSTOM_EVENT");
interface BillingEvents {
  INVOICE_PAID: { invoiceId: string };
  INVOICES_CHANGED: { projectId: string };
}
const billing = broadcasterFromEnvironment<BillingEvents>();
billing.broadcastToProject("p1", "INVOICE_PAID", { invoiceId: "i1" });
billing.broadcastProjectEvent("p1", "INVOICES_CHANGED");
// @ts-expect-error: of another type
billing.broadcastToProject("p1", "INVOICE_PAID", { invoiceId: 1 });
billing.broadcastToProject("p1", "TASK_UPDATED", { taskId: "t1" });
// @ts-expect-error: neither known nor in the map
billing.broadcastToProject("p1", "INVOICE_PAYED", { invoiceId: "i1" });

// All events that come can make a query old: the app's, the server's and the client's own.
export const events: QueryMap["events"] = {
  COMMENT_ADDED: ({ payload }) => [["comments", payload.commentId]],
  MEMBER_ADDED: ({ payload }) => [["user", payload.actorId]],
  USER_LEFT: ({ payload }) => [["user", payload.userId]],
  resync: ({ payload }) => [["comments", payload.projectId, payload.first]],
  "client-nudge": ({ payload, from }) => [["task", payload.taskId, from.userId]],
  // @ts-expect-error: no event comes under this name
  users: () => [],
};

// Events that are named by a type argument, where nothing is declared.
interface MyEvents {
  FILE_UPLOADED: { fileId: string };
  "client-pick": { fileId: string };
}

const named = connectProject<MyEvents>({
  host: "localhost:1999",
  projectId: "p1",
  user: { id: "ann" },
});
named.on("FILE_UPLOADED", ({ payload }) => (actor = payload.fileId));
named.on("client-pick", ({ payload, from }) => (actor = payload.fileId + from.userId));
named.send("client-pick", { fileId: "f1" });
// @ts-expect-error: of another type
named.send("client-pick", { fileId: 1 });
named.on("TASK_DELETED", ({ payload }) => (actor = payload.taskId));
named.on("*", (event) => {
  if (event.type === "FILE_UPLOADED") actor = event.payload.fileId;
});
// @ts-expect-error: named for the other connection only
project.on("FILE_UPLOADED", () => {});

const hooks = typedHooks<MyEvents>();

export function useFiles(): void {
  hooks.useProjectEvent("FILE_UPLOADED", ({ payload }) => (actor = payload.fileId), "p1");
  hooks.useProjectEvent("*", (event) => (actor = event.type));
  // @ts-expect-error: no such event
  hooks.useProjectEvent("FILE_UPLODED", () => {});
  const { lastEvent } = hooks.useProjectRealtime("p1");
  if (lastEvent?.type === "FILE_UPLOADED") actor = lastEvent.payload.fileId;
  // @ts-expect-error: it is the client's own, and no last event
  if (lastEvent?.type === "resync") actor = undefined;
}

// Presence data that are named by a type argument.
const people = typedHooks<MyEvents, { selection: string[]; tool: "pen" | "eraser" }>();

export function usePeople(): void {
  const [{ selection, at }, setPresence] = people.useMyPresence();
  actor = selection?.[0] ?? at;
  setPresence({ selection: ["t1"], tool: null, status: "busy" });
  // @ts-expect-error: of another type
  setPresence({ tool: "brush" });
  // @ts-expect-error: not declared
  setPresence({ colour: "red" });
  const tools: ("pen" | "eraser" | undefined)[] = people.useOthers((others) =>
    others.map(({ data }) => data.tool),
  );
  const [first] = people.useOthers();
  actor = tools[0] ?? first?.data.selection?.[0];
  actor = people.useOther("ben", ({ data }) => data.tool);
  actor = people.useOthersAt("t1", "p1")[0]?.connections[0]?.data.tool;
  actor = people.useSelf()?.data.tool;
  // @ts-expect-error: not declared
  people.useOthers((others) => others.map(({ data }) => data.colour));
  // @ts-expect-error: not declared of these hooks
  hooks.useOthers((others) => others.map(({ data }) => data.tool));
}

// What an app may not know yet can be given as undefined, also with `exactOptionalPropertyTypes`.
const unknownYet = actor as string | undefined;
connectProject({
  host: "localhost:1999",
  projectId: "p1",
  user: { id: "ann", name: unknownYet },
  since: unknownYet,
  identity: unknownYet,
});
broadcastToProject("p1", "TASK_CREATED", {
  taskId: "t1",
  projectId: unknownYet,
  status: unknownYet,
  priority: unknownYet,
  createdBy: unknownYet,
});

// Ways to get a token: one that knows nothing of a context, and one that does.
export const ways: GetToken[] = [
  () => "a.b.c",
  async ({ reason, code, check }) => `${reason}.${code}.${check}`,
  // @ts-expect-error: no token
  () => 1,
];

// The keys of encrypted projects.
const keys = appKeys({ fetchKey: async (_, epoch) => ({ epoch: Number(epoch), key: "AAEC" }) });
keys.refresh("p1");
appKeys({ fetchKey: async () => null, crypto: globalThis.crypto });
appKeys({ fetchKey: async () => null, crypto: webcrypto });
epochKeys({ get: async () => generateEpochKey(), current: async () => null }, { crypto: noble() });
// @ts-expect-error: which epoch?
appKeys({ fetchKey: async () => ({ key: generateEpochKey() }) });
// @ts-expect-error: neither a WebCrypto nor noble()
appKeys({ fetchKey: async () => null, crypto: Math });

// What can't be read, and how the project is encrypted.
const user = { id: "ann" };
const encrypted = connectProject({
  ...{ host: "localhost:1999", projectId: "p1", user },
  encryption: { keys, plaintextEvents: ["DOC_CHANGED"] },
});
encrypted.on("undecryptable", ({ payload, seq }) => {
  if (payload.reason === "no_key") actor = payload.from?.userId ?? `${payload.epoch} ${seq}`;
  // @ts-expect-error: no reason
  if (payload.reason === "because") actor = undefined;
});
encrypted.on("encryption", ({ payload }) => (actor = `${payload?.epoch}`));
encrypted.on("*", (event) => {
  if (event.type === "undecryptable") actor = event.payload.type;
});
// @ts-expect-error: no keys
connectProject({ host: "localhost:1999", projectId: "p1", user, encryption: {} });

// Documents.
const provider = new DocumentProvider({
  host: "localhost:1999",
  projectId: "p1",
  docId: "d1",
  user: { id: "ann" },
});
provider.on("saved", (saved) => (actor = saved ? "all" : undefined));
provider.on("status", ({ reason }) => (actor = reason));
provider.on("error", ({ code, reason }) => (actor = code ?? reason));
// @ts-expect-error: no such event
provider.on("sync", () => {});
// @ts-expect-error: which document?
new DocumentProvider({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
// @ts-expect-error: as whom?
new DocumentProvider({ host: "localhost:1999", projectId: "p1", docId: "d1" });
export function useDocuments(): void {
  useDocument("p1", null);
  useDocument("p1", "d1", { persistence: () => ({ whenSynced: Promise.resolve() }) });
  useDocument("p1", "d1", { host: "localhost:1999", user: { id: "ann" }, identity: "ann" });
  // @ts-expect-error: as whom?
  useDocument("p1", "d1", { host: "localhost:1999" });
}
const whole: Promise<Uint8Array | undefined> = readDocument("p1", "d1");
const text: Promise<string | undefined> = readDocument("p1", "d1", { as: "text", name: "t" });
// @ts-expect-error: which text?
readDocument("p1", "d1", { as: "text" });
// @ts-expect-error: text is no update
seedDocument("p1", "d1", "Hello");
export const read = [whole, text, deleteDocument("p1", "d1")];
