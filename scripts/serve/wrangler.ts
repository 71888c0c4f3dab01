/** How wrangler is started. */

import { join } from "node:path";
import { ROOT } from "../common/paths.ts";

/** The environment for wrangler: no errors when offline, and no telemetry. */
export function wranglerEnv(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
  };
}

/** Arguments for `node` that run wrangler. Its own start script is bypassed, because it does not forward signals. */
export function wranglerArgs(...args: string[]): string[] {
  return ["--no-warnings", join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js"), ...args];
}
