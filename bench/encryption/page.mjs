/** The same work in a page of Chromium that seems to come from the Worker. */

import { join } from "node:path";
import { build } from "esbuild";
import { launch } from "../../tests/support/chromium.ts";

/** The clock of a page has steps of 100 µs, and of 5 µs in a page that is isolated from others. */
const ISOLATED = {
  "Content-Type": "text/html; charset=utf-8",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The page comes from no address at all, so it needs a permission to reach this machine. */
const LOCAL = "local-network-access";

/** @typedef {Pick<typeof import("./work.mjs"), "events" | "updates" | "path">} Work */

/**
 * Opens a page, and does something with the work in it.
 * @template Result
 * @param {string} url of the Worker: the page has its origin, so it may talk to it
 * @param {(work: Work, version: string) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function inChromium(url, use) {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "work.mjs")],
    bundle: true,
    format: "iife",
    globalName: "work",
    target: "es2024",
    write: false,
  });
  const browser = await launch();
  try {
    const page = await browser.newPage({ permissions: [LOCAL] });
    const script = outputFiles[0]?.text ?? "";
    const body = "<!doctype html><title>Bench</title>";
    await page.route(`${url}/bench`, (route) => route.fulfill({ headers: ISOLATED, body }));
    await page.goto(`${url}/bench`);
    await page.addScriptTag({ content: script });
    if (!(await page.evaluate("crossOriginIsolated"))) throw new Error("the page is not isolated");
    /** @param {keyof Work} name */
    const asked = (name) => (/** @type {unknown} */ options) =>
      page.evaluate(`work.${name}(${JSON.stringify(options)})`);
    const work = { events: asked("events"), updates: asked("updates"), path: asked("path") };
    return await use(/** @type {Work} */ (work), browser.version());
  } finally {
    await browser.close();
  }
}
