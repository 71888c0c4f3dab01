/** The code that is simulated: the package's own, or a copy of it that is broken on purpose. */

import * as offline from "../../../src/offline.ts";
import * as patch from "../../../src/patch.ts";
import * as server from "../../../src/server.ts";

export interface Code {
  offline: typeof offline;
  patch: typeof patch;
  server: typeof server;
}

export const CODE: Code = { offline, patch, server };
