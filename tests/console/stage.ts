/** A server with the console, and a browser, for the tests of one suite. */

import { after, afterEach, before } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { launch } from "../support/chromium.ts";
import { WranglerDev } from "../support/wrangler-dev.ts";
import { Console } from "./driver.ts";

export const SECRET = "a-secret-that-must-stay-in-memory";
export const PHONE = { width: 390, height: 844 };
const VARS = {
  BROADCAST_SECRET: SECRET,
  CONNECT_AUTH: "open",
  ALLOWED_ORIGINS: "*",
  CONSOLE: "on",
  LOG_LEVEL: "error",
  // Who is cut for a moment is not to leave in the meantime, however slow the machine is.
  PRESENCE_GRACE_SECONDS: "120",
};

export class Stage {
  #wrangler: WranglerDev | undefined;
  #browser: Browser | undefined;
  /** Those of the test that runs. */
  readonly #pages: Console[] = [];

  /** Starts both before the first test of the suite, and stops them after the last. */
  constructor(vars: Record<string, string> = {}) {
    before(async () => {
      this.#wrangler = await WranglerDev.start({ ...VARS, ...vars });
      this.#browser = await launch();
    });
    after(async () => {
      await this.#browser?.close();
      await this.#wrangler?.stop();
    });
    afterEach(async () => {
      await Promise.all(this.#pages.splice(0).map((page) => page.close()));
    });
  }

  get wrangler(): WranglerDev {
    if (!this.#wrangler) throw new Error("the stage is set before the first test");
    return this.#wrangler;
  }

  get url(): string {
    return this.wrangler.url;
  }

  /** Opens the page. `fragment`: the fragment of its address. `url`: another address of it. */
  async open(options?: BrowserContextOptions, fragment = "", url = this.url): Promise<Console> {
    const page = await Console.open(this.#browser as Browser, `${url}/${fragment}`, options);
    this.#pages.push(page);
    return page;
  }

  /** The page with Ann and Ben in their own project, and the secret pasted. */
  async annAndBen(options?: BrowserContextOptions) {
    const page = await this.open(options);
    return { page, ...(await page.annAndBen(SECRET)) };
  }
}
