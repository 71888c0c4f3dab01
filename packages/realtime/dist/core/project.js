/** A client of one project: events, users and status on a connection that recovers. */
import { Emitter } from "./emitter.js";
import { framesIn } from "./frames.js";
import { EventQueue } from "./iterate.js";
import { Link } from "./link.js";
import { NOBODY, rosterAfter } from "./users.js";
/** Of these no handler hears: what answers a ping, and broadcasts under names of the client's own. */
const UNTOLD = new Set(["PONG", "resync", "status", "users", "*"]);
/**
 * Connects to a project and stays connected: through lost networks, sleep, restarts of the server
 * and the ends of tokens, until `close()` or until the server says that it is no use (`status`).
 * Returns at once; nothing is missed without a `resync`.
 *
 * ```ts
 * const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
 * project.on("TASK_UPDATED", ({ payload }) => refetchTask(payload.taskId));
 * project.on("resync", () => refetchEverything());
 * ```
 */
export function connectProject(options) {
    return new Connection(options);
}
class Connection {
    projectId;
    #user;
    #emitter = new Emitter();
    #queues = new Set();
    #link;
    #roster = NOBODY;
    /** Up to where everything was dealt with. */
    #position;
    #wasOnline = false;
    constructor(options) {
        this.projectId = options.projectId;
        this.#user = options.user;
        this.#position = options.since;
        this.#link = new Link(options, {
            query: () => ({
                userId: this.#user?.id,
                userName: this.#user?.name,
                frames: "batch",
                since: this.#position,
            }),
            onText: (text) => this.#take(framesIn(text)),
            onStatus: (status) => this.#statusChanged(status),
        });
    }
    get status() {
        return this.#link.status;
    }
    get users() {
        return this.#roster.users;
    }
    get activeUsers() {
        return this.#roster.activeUsers;
    }
    on(type, handler) {
        return this.#emitter.on(type, handler);
    }
    [Symbol.asyncIterator]() {
        const queue = new EventQueue(() => this.#resync(false), () => this.#queues.delete(queue));
        if (isOver(this.status))
            queue.end();
        else
            this.#queues.add(queue);
        return queue;
    }
    close() {
        this.#link.close();
    }
    #take(frames) {
        for (const frame of frames) {
            // A handler of an earlier frame may have closed the connection.
            if (isOver(this.status))
                return;
            this.#deal(frame);
            const { seq } = frame;
            if (seq && this.#position)
                this.#position = `${this.#position.split(":")[0]}:${seq}`;
        }
    }
    #deal(frame) {
        const { type, payload, timestamp = Date.now() } = frame;
        if (type === "CONNECTED")
            this.#connected(frame, timestamp);
        else if (type === "AUTH_OK")
            this.#link.refreshed(payload.expiresAt, timestamp);
        else if (!UNTOLD.has(type)) {
            if (type === "ERROR")
                this.#link.refused(payload.retryAfterMs);
            this.#setRoster(frame);
            this.#tell(frame);
        }
    }
    #connected(frame, timestamp) {
        const { epoch, seq, recovered } = frame.payload;
        if (!recovered)
            this.#position = epoch && `${epoch}:${seq}`;
        const first = !this.#wasOnline;
        this.#wasOnline = true;
        this.#setRoster(frame);
        this.#link.accepted(timestamp);
        this.#tell(frame);
        if (!recovered)
            this.#tell(this.#resync(first));
    }
    #setRoster(frame) {
        const before = this.#roster;
        this.#roster = rosterAfter(before, frame);
        if (this.#roster !== before)
            this.#emit("users", this.#roster.users);
    }
    #statusChanged(status) {
        this.#emit("status", status);
        if (isOver(status))
            for (const queue of this.#queues)
                queue.end();
    }
    #resync(first) {
        const payload = { projectId: this.projectId, first };
        return { type: "resync", payload, timestamp: Date.now() };
    }
    #tell(event) {
        if (isOver(this.status))
            return;
        this.#emitter.emit(event.type, event);
        this.#emitter.emit("*", event);
        for (const queue of this.#queues)
            queue.push(event);
    }
    #emit(type, payload) {
        this.#emitter.emit(type, { type, payload, timestamp: Date.now() });
    }
}
function isOver({ state }) {
    return state === "stopped" || state === "closed";
}
