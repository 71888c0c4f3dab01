/** Broadcasts that never get in the way of who makes them. */
import { deliver } from "./deliver.js";
import { BroadcastError } from "./error.js";
import { Lanes } from "./lanes.js";
const TIMEOUT_MS = 2_000;
const RETRIES = 3;
const MAX_PENDING = 1_000;
/** An event that could not be sent for this long is dropped. */
const USEFUL_MS = 30_000;
/** The server takes one event to so many projects at once. */
const PROJECTS_MAX = 100;
/** Makes a broadcaster for one server. */
export function createBroadcaster(options) {
    const lanes = new Lanes();
    const { maxPending = MAX_PENDING } = options;
    /** Rejects with a `BroadcastError`, whatever goes wrong; never throws. */
    async function publish(event) {
        const missing = options.url ? !options.secret && "BROADCAST_SECRET" : "PARTYKIT_URL";
        if (missing)
            throw new BroadcastError("not_set_up", `${missing} is not set`);
        if (lanes.size >= maxPending)
            throw new BroadcastError("queue_full", `${lanes.size} broadcasts are waiting already`);
        // Now, so that what the caller does to the payload later does not count.
        const delivery = makeDelivery(options, event);
        return lanes.run(event.projectIds, async () => {
            if (Date.now() > delivery.deadline)
                throw new BroadcastError("too_late", `Waited ${USEFUL_MS} ms behind others`);
            return deliver(delivery);
        });
    }
    async function broadcast(event) {
        const work = publish(event).catch((error) => tell(options, error, event));
        try {
            options.waitUntil?.(work);
        }
        catch (error) {
            // The answer was given before the broadcast was made: the Worker may end before it is sent.
            console.error(error);
        }
    }
    const toProject = (projectId, type, payload, excludeUserId) => broadcast({ projectIds: [projectId], type, payload, excludeUserId });
    return {
        broadcastToProject: toProject,
        async broadcastToProjects(projectIds, type, payload, excludeUserId) {
            const each = [...new Set(projectIds)];
            while (each.length > 0)
                void broadcast({ projectIds: each.splice(0, PROJECTS_MAX), type, payload, excludeUserId });
        },
        broadcastTaskEvent: (projectId, taskId, type, data, excludeUserId) => broadcast({
            projectIds: [projectId],
            type,
            payload: { ...data, taskId, projectId },
            excludeUserId,
        }),
        broadcastProjectEvent: (projectId, type, data, excludeUserId) => broadcast({ projectIds: [projectId], type, payload: { ...data, projectId }, excludeUserId }),
        publishToProject: (projectId, type, payload, excludeUserId) => publish({ projectIds: [projectId], type, payload, excludeUserId }),
        flush: () => lanes.empty(),
    };
}
function makeDelivery(options, event) {
    const { url, secret, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
    const { projectIds, type: eventType, payload, excludeUserId } = event;
    const [only, ...others] = projectIds;
    const toOne = only !== undefined && others.length === 0;
    const room = `${url.replace(/\/+$/, "")}/parties/main`;
    const common = { eventType, payload, excludeUserId: excludeUserId || undefined };
    try {
        return {
            url: toOne ? `${room}/${encodeURIComponent(only)}` : room,
            secret,
            id: crypto.randomUUID(),
            body: JSON.stringify(toOne ? common : { projectIds, ...common }),
            timeoutMs,
            retries,
            deadline: Date.now() + USEFUL_MS,
        };
    }
    catch (cause) {
        const { message } = cause;
        throw new BroadcastError("not_json", `The payload can't be sent: ${message}`, { cause });
    }
}
function tell({ onError = logError }, error, event) {
    const { projectIds, type } = event;
    try {
        onError(error, { projectIds, type });
    }
    catch (thrown) {
        console.error(thrown);
    }
}
function logError({ code, message }, { projectIds, type }) {
    console.error(`Broadcast ${type} to ${projectIds.join(", ")} failed (${code}): ${message}`);
}
