/** A page for a test: a bundled script, served on its own port. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { type BuildOptions, build } from "esbuild";

export interface Site {
  /** The script of the page, an ES module. */
  script: string;
  /** The page itself, which names the script as `/page.js`. */
  html?: string;
  /** Answers what the page fetches from below `/api/`. */
  api?: (path: string) => string;
}

const EMPTY_PAGE =
  '<!doctype html><title>Page</title><div id="root"></div><script type="module" src="/page.js"></script>';

/** The text of one script with all that it imports. */
export async function bundle(options: BuildOptions): Promise<string> {
  const fixed = { bundle: true, format: "esm", jsx: "automatic", write: false } as const;
  const { outputFiles } = await build({ ...options, ...fixed });
  return outputFiles[0]?.text ?? "";
}

/** Serves a page until the test or the suite that asks for it has ended; answers its origin. */
export async function servePage({ script, html = EMPTY_PAGE, api }: Site): Promise<string> {
  const web = createServer(({ url = "" }, response) => {
    const answer = (type: string, body: string) =>
      response.setHeader("Content-Type", `${type}; charset=utf-8`).end(body);
    if (url === "/page.js") answer("text/javascript", script);
    else if (api && url.startsWith("/api/")) answer("text/plain", api(url));
    else answer("text/html", html);
  });
  after(() => web.close());
  await once(web.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
}
