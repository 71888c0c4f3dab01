/** A site and a browser for the tests of a file, with windows that are closed after the test that opened them. */

import { after, afterEach } from "node:test";
import { launch } from "../../../../tests/support/chromium.ts";
import { type Site, startSite } from "./site.ts";
import { BoardWindow, type WindowOptions } from "./window.ts";

export interface Windows {
  site: Site;
  /** A user's window of a project, once it is connected. */
  open(user: string, project: string, options?: WindowOptions): Promise<BoardWindow>;
}

/** To be called in a `describe`. */
export async function useWindows(): Promise<Windows> {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  const opened: BoardWindow[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ page }) => page.context().close()));
  });
  after(async () => {
    await browser.close();
    await site.close();
  });
  return {
    site,
    async open(user, project, options) {
      const window = await BoardWindow.open(browser, site, { user, project }, options);
      opened.push(window);
      await window.badge("Live").waitFor();
      return window;
    },
  };
}
