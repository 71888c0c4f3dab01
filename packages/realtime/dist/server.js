/** Broadcasts from a backend: Node, Bun, Deno, Cloudflare Workers. */
export { BroadcastEvent } from "./server/broadcast-event.js";
export { createBroadcaster, } from "./server/broadcaster.js";
export { broadcastProjectEvent, broadcastTaskEvent, broadcastToProject, broadcastToProjects, configureBroadcasts, flush, publishToProject, } from "./server/environment.js";
export { BroadcastError } from "./server/error.js";
