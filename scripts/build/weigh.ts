/** What the client of the npm package, each of its hooks and its offline part add to a page, minified and compressed. */

import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type OutputFile } from "esbuild";
import { Failure } from "../common/failure.ts";
import { step } from "../common/steps.ts";

/** Without partysocket. */
const CORE_BUDGET_BYTES = 9_400;

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

/** What each may add to a page that has TanStack Query. */
const OFFLINE_BUDGETS_BYTES: Record<string, number> = {
  createOfflineMutations: 3.5 * 1024,
  useOfflineQueue: 100,
  useConflicts: 300,
};
/** What such a page has of it. */
const TANSTACK_QUERY =
  "QueryClient, QueryClientProvider, useQuery, useMutation, hydrate, dehydrate, focusManager, onlineManager, partialMatchKey";

/** What each may add to a page that has the client and Yjs. */
const DOCUMENT_BUDGET_BYTES = 4 * 1024;
/** And to one that has the hooks, too. */
const USE_DOCUMENT_BUDGET_BYTES = 1_200;

/** What the keys of an app, and with them all of encryption, may add to a page that has the client. */
const ENCRYPTION_BUDGET_BYTES = 9 * 1024;
/** What a page with such keys loads when it opens an encrypted document. */
const ENCRYPTED_DOCUMENT_BUDGET_BYTES = 5.5 * 1024;
/** And what noble's cryptography may add, where there is no WebCrypto. */
const NOBLE_BUDGET_BYTES = 7 * 1024;
/** And what the keys of devices may add, most of it HPKE. */
const DEVICES_BUDGET_BYTES = 9 * 1024;

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
  await weighOffline(folder);
  await weighDocuments(folder);
  await weighEncryption(folder);
}

const CLIENT = 'export { connectProject } from "./dist/index.js";';

async function weighEncryption(folder: string): Promise<void> {
  const keys = 'export { appKeys } from "./dist/encryption.js";';
  const noble = 'export { noble } from "./dist/encryption/noble.js";';
  const devices = 'export { deviceKeys, loadDevice } from "./dist/encryption/devices.js";';
  const pages = [CLIENT, CLIENT + keys, CLIENT + keys + noble, CLIENT + keys + devices];
  const [client, encrypted, withNoble, withDevices] = await Promise.all(
    pages.map((page) => bytesOfPage(folder, page)),
  );
  const more = (of: number | undefined, than: number | undefined) => (of ?? 0) - (than ?? 0);
  await step("appKeys, gzip", async () =>
    judged(more(encrypted, client), ENCRYPTION_BUDGET_BYTES, "more", "src/encryption"),
  );
  const { later } = await weigh(folder, CLIENT + keys);
  await step("Encrypted document, gzip", async () =>
    judged(later, ENCRYPTED_DOCUMENT_BUDGET_BYTES, "later", "src/encryption/document"),
  );
  await step("noble, gzip", async () =>
    judged(more(withNoble, encrypted), NOBLE_BUDGET_BYTES, "more", "src/encryption/noble.ts"),
  );
  await step("deviceKeys, gzip", async () =>
    judged(more(withDevices, encrypted), DEVICES_BUDGET_BYTES, "more", "src/encryption/devices"),
  );
}

async function weighDocuments(folder: string): Promise<void> {
  const provider = 'export { DocumentProvider } from "./dist/yjs.js";';
  const hooks = 'export { useProjectRealtime } from "./dist/react.js";';
  const hook = 'export { useDocument } from "./dist/yjs/react.js";';
  const more = async (page: string, what: string) =>
    (await bytesOfPage(folder, page + what)) - (await bytesOfPage(folder, page));
  await step("DocumentProvider, gzip", async () =>
    judged(await more(CLIENT, provider), DOCUMENT_BUDGET_BYTES, "more", "src/yjs"),
  );
  await step("useDocument, gzip", async () =>
    judged(await more(provider + hooks, hook), USE_DOCUMENT_BUDGET_BYTES, "more", "src/yjs"),
  );
}

async function weighOffline(folder: string): Promise<void> {
  const page = `export { ${TANSTACK_QUERY} } from "@tanstack/react-query";`;
  const names: string[] = [];
  let before = await bytesOfPage(folder, page);
  for (const [name, budget] of Object.entries(OFFLINE_BUDGETS_BYTES)) {
    names.push(name);
    const bytes = await bytesOfPage(
      folder,
      `${page} export { ${names} } from "./dist/offline.js";`,
    );
    const more = bytes - before;
    before = bytes;
    await step(`${name}, gzip`, async () => judged(more, budget, "more", "src/offline"));
  }
}

function judged(bytes: number, budget: number, what: string, source: string): string {
  const size = `${bytes} bytes ${what}, of ${budget}`;
  if (bytes < budget) return size;
  const next = `See what grew in packages/realtime/${source}.`;
  throw new Failure(`This is too large for a page: ${size}.`, { next });
}

/** The size of a page that only imports these names from an entry of the package. */
function bytesOf(folder: string, entry: string, names: string[]): Promise<number> {
  return bytesOfPage(folder, `export { ${names} } from "./dist/${entry}";`);
}

async function bytesOfPage(folder: string, contents: string): Promise<number> {
  return (await weigh(folder, contents)).atOnce;
}

/** What a page loads at once, and what it loads only when it needs it. */
async function weigh(folder: string, contents: string): Promise<{ atOnce: number; later: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    splitting: true,
    outdir: "page",
    metafile: true,
    minify: true,
    format: "esm",
    external: ["partysocket", "react", "y-protocols", "yjs"],
    define: { "process.env.NODE_ENV": '"production"' },
    write: false,
  });
  const first = loadedAtOnce(metafile.outputs);
  const isFirst = ({ path }: OutputFile) => first.has(relative(process.cwd(), path));
  const [now, later] = [
    outputFiles.filter(isFirst),
    outputFiles.filter((file) => !isFirst(file)),
  ].map((files) => zipped(files));
  return { atOnce: now ?? 0, later: later ?? 0 };
}

const zipped = (files: OutputFile[]) =>
  gzipSync(Buffer.concat(files.map(({ contents }) => contents)), { level: 9 }).length;

/** The files that a page loads at once: the first one, and what is imported there. */
function loadedAtOnce(outputs: Metafile["outputs"]): Set<string> {
  const isFirst = (name: string) => outputs[name]?.entryPoint === "<stdin>";
  const files = new Set(Object.keys(outputs).filter(isFirst));
  for (const file of files)
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && path in outputs) files.add(path);
  return files;
}
