/** What the client of the npm package, each of its hooks and its offline part add to a page, minified and compressed. */

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { Failure } from "../common/failure.ts";
import { step } from "../common/steps.ts";

/** Without partysocket. */
const CORE_BUDGET_BYTES = 9 * 1024;

/** What each may add to a page that has `useProjectRealtime`, as every page with hooks has. */
const HOOK_BUDGETS_BYTES: Record<string, number> = {
  useProjectEvent: 200,
  useOnlineUsers: 200,
  useOthers: 650,
  useOther: 650,
  useOthersAt: 550,
  useSelf: 550,
  useMyPresence: 650,
  useAvatarStack: 1_000,
  useTyping: 1_300,
  useCursors: 3_400,
  typedHooks: 1_200,
};

/** Beside TanStack Query and React. */
const OFFLINE_BUDGET_BYTES = 4 * 1024;

/** Fails if one of them is too large. The package has to be built. */
export async function weighPackage(folder: string): Promise<void> {
  const core = await bytesOf(folder, "index.js", ["connectProject"]);
  await step("Core client, gzip", async () =>
    judged(core, CORE_BUDGET_BYTES, "without partysocket", "src/core"),
  );
  const connecting = await bytesOf(folder, "react.js", ["useProjectRealtime"]);
  for (const [hook, budget] of Object.entries(HOOK_BUDGETS_BYTES))
    await step(`${hook}, gzip`, async () => {
      const bytes = await bytesOf(folder, "react.js", ["useProjectRealtime", hook]);
      return judged(bytes - connecting, budget, "more", "src/react");
    });
  const offline = await bytesOf(folder, "offline.js", ["createOfflineMutations"]);
  await step("Offline mutations, gzip", async () =>
    judged(offline, OFFLINE_BUDGET_BYTES, "beside TanStack Query", "src/offline"),
  );
}

function judged(bytes: number, budget: number, what: string, source: string): string {
  const size = `${bytes} bytes ${what}, of ${budget}`;
  if (bytes < budget) return size;
  const next = `See what grew in packages/realtime/${source}.`;
  throw new Failure(`This is too large for a page: ${size}.`, { next });
}

/** The size of a page that only imports these names from an entry of the package. */
async function bytesOf(folder: string, entry: string, names: string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names} } from "./dist/${entry}";`, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    external: ["partysocket", "react", "@tanstack/react-query"],
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}
