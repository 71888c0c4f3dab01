/** A long life of a project, encrypted or not: all that can be said in it, through new keys, a removal, and a crash. */

import WebSocket, { type ClientOptions } from "ws";
import type { Clock } from "../../packages/realtime/src/collaboration/clock.ts";
import { Cursors } from "../../packages/realtime/src/collaboration/cursors.ts";
import { typingOf } from "../../packages/realtime/src/collaboration/typing.ts";
import type { EpochKeys } from "../../packages/realtime/src/encryption.ts";
import { connectProject, type ProjectConnection } from "../../packages/realtime/src/index.ts";
import {
  type AnyEvents,
  type Broadcaster,
  createBroadcaster,
  createRooms,
} from "../../packages/realtime/src/server.ts";
import { Writer } from "../../packages/realtime/tests/support/writer.ts";
import { within } from "../support/inbox.ts";
import { KeyOffice } from "../support/key-office.ts";
import type { Runtime } from "../support/runtime.ts";
import { Room, SECRET, type Server } from "../support/target.ts";
import { Marker, storedIn } from "../support/traces.ts";

/** The document of the project. */
export const DOC = "plan";
/** What happens until when: the next phase begins with a new key, the removal of eve, and a crash. */
export const PHASES = ["first", "rotated", "removed", "restarted"] as const;
export type Phase = (typeof PHASES)[number];

/** More than a snapshot is made for (docs/encryption.md, "Documents"). */
const MUCH_TEXT = "lorem ipsum ".repeat(6_000);
const PATIENCE_MS = 30_000;

type Events = {
  NOTE: { text: string };
  LISTED: { text: string };
  "client-note": { text: string };
  "client-typing": { topic: string };
};
type Project = ProjectConnection<Events>;

/** A page's clock, without a page. */
const CLOCK: Clock = {
  now: () => performance.now(),
  frame: (work) => CLOCK.after(16, work),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** What passed between the server, and its clients and backends. */
class Wire {
  /** What the server sent. */
  readonly sent: Buffer[] = [];
  /** What it got, also if it refused it. */
  readonly received: Buffer[] = [];

  readonly fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    this.received.push(bytesOf(`${url} ${JSON.stringify(init?.headers ?? {})}`));
    if (init?.body) this.received.push(bytesOf(init.body));
    const response = await fetch(url, init);
    this.sent.push(bytesOf(JSON.stringify([...response.headers])));
    this.sent.push(bytesOf(await response.clone().arrayBuffer()));
    return response;
  };

  /** The class of sockets that keep what passes through them. */
  get WebSocket(): unknown {
    const wire = this;
    return class extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols, { closeTimeout: 2_000 } as ClientOptions);
        wire.received.push(bytesOf(url));
        this.on("message", (data: unknown) => wire.sent.push(bytesOf(data)));
      }

      override send(data: Parameters<WebSocket["send"]>[0]): void {
        wire.received.push(bytesOf(data));
        super.send(data);
      }
    };
  }
}

function bytesOf(data: unknown): Buffer {
  if (data instanceof ArrayBuffer) return Buffer.from(data.slice(0));
  return data instanceof Uint8Array ? Buffer.from(data) : Buffer.from(String(data));
}

/** Somebody in the project, with everything open. */
class Person {
  readonly name: string;
  readonly project: Project;
  readonly document: Writer;
  readonly #cursors: Cursors[] = [];

  constructor(server: Server, projectId: string, wire: Wire, name: string, office?: KeyOffice) {
    this.name = name;
    const encryption = office && { keys: office.keysOf(name) };
    const who = { user: { id: name, name }, WebSocket: wire.WebSocket, encryption };
    this.project = connectProject<Events>({ host: server.url, projectId, ...who } as never);
    this.document = new Writer(server, { projectId, docId: DOC }, who as never);
  }

  /** Goes to a place, and moves the pointer there. */
  point(at: string): void {
    this.#cursors.pop()?.leave();
    const cursors = new Cursors(this.project as never, at, CLOCK);
    cursors.start();
    cursors.move(0.5, 0.25);
    this.#cursors.push(cursors);
  }

  end(): void {
    this.project.close();
    this.document.provider.destroy();
  }
}

/** What was said in one phase, by kind. */
export type Said = Record<
  "event" | "listed" | "client" | "typing" | "at" | "presence" | "doc" | "awareness",
  Marker
>;

export class Life {
  readonly runtime: Runtime;
  readonly projectId: string;
  readonly office: KeyOffice | undefined;
  readonly wire = new Wire();
  readonly said = new Map<Phase, Said>();
  /** What was on the disk after the crash, and in the end. */
  readonly stored: Buffer[] = [];
  /** The last epoch of which eve has the key. */
  lastOfEve = 0;
  readonly #server: Server;
  readonly #people = new Map<string, Person>();
  readonly #backend: Broadcaster<AnyEvents>;

  constructor(server: Server, runtime: Runtime, isEncrypted: boolean) {
    this.#server = server;
    this.runtime = runtime;
    this.office = isEncrypted ? new KeyOffice(server, { fetch: this.wire.fetch }) : undefined;
    this.projectId = this.office?.projectId ?? new Room(server).id;
    const encryption = this.office && { keys: this.office.keysOf("backend") };
    this.#backend = createBroadcaster<AnyEvents>({
      ...{ url: server.url, secret: SECRET, fetch: this.wire.fetch, retries: 5 },
      ...(encryption && { encryption }),
    });
  }

  /** The newest epoch; 0 if the project is not encrypted. */
  get lastEpoch(): number {
    return this.office?.epoch ?? 0;
  }

  /** All keys up to an epoch. */
  keysUntil(last: number): EpochKeys {
    if (!this.office) throw new Error("not encrypted");
    return this.office.keysUntil(last);
  }

  get markers(): Marker[] {
    return [...this.said.values()].flatMap((said) => Object.values(said));
  }

  /** Lives through all phases. The runtime is down in the end. */
  async run(): Promise<this> {
    try {
      await this.#live();
    } finally {
      for (const person of this.#people.values()) person.end();
    }
    await this.runtime.kill();
    this.stored.push(...(await storedIn(this.runtime.folder)));
    return this;
  }

  async #live(): Promise<void> {
    await this.office?.rotate();
    for (const name of ["ann", "ben", "eve"]) await this.#join(name);
    await this.#speak("first", "ann", ["ben", "eve"]);
    await this.#speak("first", "eve", ["ann", "ben"], "again");
    await this.office?.rotate();
    await this.#speak("rotated", "ben", ["ann", "eve"]);
    await this.#removeEve();
    await this.#speak("removed", "ann", ["ben"]);
    await this.#crash();
    await this.#join("cem");
    await this.#speak("restarted", "ben", ["ann", "cem"]);
    await this.#look();
  }

  #person(name: string): Person {
    const person = this.#people.get(name);
    if (!person) throw new Error(`${name} is not here`);
    return person;
  }

  async #join(name: string): Promise<void> {
    const person = new Person(this.#server, this.projectId, this.wire, name, this.office);
    this.#people.set(name, person);
    await person.document.synced();
    const isHere = () => person.project.status.state === "online";
    await until(isHere, `${name} to be online`, (look) => person.project.on("status", look));
  }

  /** One says everything that can be said, and others get it. */
  async #speak(phase: Phase, name: string, others: string[], more?: string): Promise<void> {
    const marker = (kind: string) => new Marker([phase, name, kind, more].join(" ").trim());
    const said: Said = {
      ...{ event: marker("event"), listed: marker("listed"), client: marker("client") },
      ...{ typing: marker("typing"), at: marker("at"), presence: marker("presence") },
      ...{ doc: marker("doc"), awareness: marker("awareness") },
    };
    this.said.set(more ? (`${phase} ${more}` as Phase) : phase, said);
    const heard = others.map((other) => this.#hears(this.#person(other), name, said));
    const { project, document } = this.#person(name);
    this.#person(name).point(said.at.text);
    project.setPresence({ editing: said.presence.text });
    project.send("client-note", { text: said.client.text });
    typingOf(project as never).keystroke(said.typing.text);
    document.provider.awareness.setLocalStateField("note", said.awareness.text);
    document.write(said.doc.text + MUCH_TEXT);
    const { projectId } = this;
    await Promise.all([
      this.#backend.publishToProject(projectId, "NOTE", { text: said.event.text }),
      this.#backend.publishToProject(projectId, "LISTED", { text: said.listed.text }, name),
      ...heard,
      document.saved(),
    ]);
    await this.#backend.flush();
  }

  /** Waits until somebody has got everything that another has said. */
  async #hears({ project, document, name }: Person, from: string, said: Said): Promise<void> {
    const texts = new Set<unknown>();
    const stop = project.on("*", ({ payload }) => {
      const { text, topic } = Object(payload);
      texts.add(text).add(topic);
      look();
    });
    let look = () => {};
    const isThere = () => {
      const { at, editing } = Object(project.others.find(({ userId }) => userId === from)?.data);
      const states = [...document.provider.awareness.getStates().values()];
      return (
        [said.event, said.listed, said.client, said.typing].every(({ text }) => texts.has(text)) &&
        at === said.at.text &&
        editing === said.presence.text &&
        document.text.toString().includes(said.doc.text) &&
        states.some(({ note }) => note === said.awareness.text)
      );
    };
    await until(isThere, `${name} to hear ${from}`, (again) => {
      look = again;
      project.on("others", again);
      document.provider.doc.on("update", again);
      document.provider.awareness.on("change", again);
    });
    stop();
  }

  async #removeEve(): Promise<void> {
    const eve = this.#person("eve");
    this.lastOfEve = this.office?.epoch ?? 0;
    if (this.office) await this.office.remove("eve");
    else
      await createRooms({
        ...{ url: this.#server.url, secret: SECRET, fetch: this.wire.fetch },
      }).removeUser(this.projectId, "eve", { forSeconds: 3_600 });
    await eve.document.state("stopped", "removed");
    eve.end();
  }

  /** The server dies, with whatever is on the disk then, and comes back. */
  async #crash(): Promise<void> {
    await this.runtime.kill();
    this.stored.push(...(await storedIn(this.runtime.folder)));
    const gone = ["ann", "ben"].map((name) => this.#person(name).document.state("waiting"));
    await Promise.all(gone);
    await this.runtime.run();
    for (const name of ["ann", "ben"]) {
      const { project, document } = this.#person(name);
      project.reconnect();
      const isBack = () => project.status.state === "online";
      await until(isBack, `${name} to be back`, (look) => project.on("status", look));
      await document.state("online");
    }
  }

  /** An administrator looks at all that the server shows. */
  async #look(): Promise<void> {
    const headers = { Authorization: `Bearer ${SECRET}` };
    const project = encodeURIComponent(this.projectId);
    const documents = `/parties/docs/${project}/${DOC}`;
    for (const path of [
      `/parties/main/${project}`,
      documents,
      `${documents}?as=text&name=t`,
      "/health",
    ])
      await this.wire.fetch(this.#server.url + path, { headers });
  }
}

/** Waits until something is so, looking whenever it may have become so. */
async function until(
  isSo: () => boolean,
  what: string,
  watch: (look: () => void) => unknown,
): Promise<void> {
  const done = new Promise<void>((resolve) => {
    const look = () => {
      if (isSo()) resolve();
    };
    watch(look);
    look();
  });
  await within(done, what, PATIENCE_MS);
}
