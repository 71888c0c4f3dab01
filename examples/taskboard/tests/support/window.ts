/** A window of the board, as a user has it. */

import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import type { Config } from "../../shared/board.ts";
import type { Site } from "./site.ts";

const PATIENCE_MS = 30_000;

export type ColumnName = "To do" | "In progress" | "Done";

export interface WindowOptions {
  /** Where this window reaches the realtime server, if not where the others do. */
  realtimeUrl?: string;
  /** Where it reaches the API, if not where the others do. */
  apiUrl?: string;
  /** Makes its tokens, if not the API. */
  token?: (room: string) => Promise<string>;
  device?: BrowserContextOptions;
}

export class BoardWindow {
  readonly page: Page;
  /** What it has sent to the realtime server and got from it. */
  readonly frames: Buffer[] = [];

  constructor(page: Page) {
    this.page = page;
    const keep = ({ payload }: { payload: string | Buffer }) =>
      void this.frames.push(Buffer.from(payload));
    page.on("websocket", (socket) => socket.on("framesent", keep).on("framereceived", keep));
  }

  /** Opens the board in a context of its own. */
  static async open(
    browser: Browser,
    site: Site,
    query: Record<string, string>,
    { realtimeUrl, apiUrl, token, device = {} }: WindowOptions = {},
  ): Promise<BoardWindow> {
    // What a service worker fetches can't be routed by a test.
    const context = await browser.newContext({ serviceWorkers: "block", ...device });
    context.setDefaultTimeout(PATIENCE_MS);
    if (realtimeUrl)
      await context.route("**/api/config", async (route) => {
        const response = await route.fetch();
        const config = (await response.json()) as Config;
        await route.fulfill({ response, json: { ...config, realtimeUrl } });
      });
    if (apiUrl)
      await context.route("**/api/**", async (route) => {
        const url = route.request().url().replace(site.url, apiUrl);
        const response = await route.fetch({ url }).catch(() => undefined);
        await (response ? route.fulfill({ response }) : route.abort());
      });
    if (token)
      await context.route("**/api/realtime-token/*", async (route) => {
        const room = route.request().url().split("/").at(-1) ?? "";
        await route.fulfill({ json: { token: await token(room) } });
      });
    const window = new BoardWindow(await context.newPage());
    await window.page.goto(`${site.url}/?${new URLSearchParams(query)}`);
    return window;
  }

  column(name: ColumnName): Locator {
    return this.page.getByRole("region", { name });
  }

  card(title: string, column?: ColumnName): Locator {
    return (column ? this.column(column) : this.page).getByRole("link", {
      name: title,
      exact: true,
    });
  }

  /** All that the card of a task says. */
  details(title: string): Locator {
    return this.page.getByRole("listitem").filter({ has: this.card(title) });
  }

  /** The card of a task, while it is marked as changed by somebody else. */
  marked(title: string): Locator {
    return this.page.locator(".card-marked").filter({ has: this.card(title) });
  }

  /** What says of a private project that it is encrypted. */
  lock(text: string): Locator {
    return this.page.getByRole("button", { name: text, exact: true });
  }

  badge(text: string): Locator {
    return this.page.getByRole("status").filter({ hasText: text });
  }

  /** A notice, also one that is behind a newer one. */
  toast(text: string): Locator {
    return this.page.getByRole("log", { name: "Notices" }).getByText(text, { exact: true });
  }

  /** Resolves when this has the focus. */
  isFocused(element: Locator): Promise<void> {
    return element.and(this.page.locator(":focus")).waitFor();
  }

  /** The field of the dialog that is open. */
  field(label: string): Locator {
    return this.page.getByRole("dialog").getByLabel(label);
  }

  /** The description in the dialog that is open, once it can be written. */
  get text(): Locator {
    return this.page.getByRole("dialog").getByRole("textbox", { name: "Description" });
  }

  /** What the description in the dialog that is open says now. */
  async textNow(): Promise<string> {
    const lines = await this.text.locator(".cm-line").allTextContents();
    return lines.join("\n");
  }

  /** Resolves when the description in the dialog that is open is this. */
  async reads(text: string): Promise<void> {
    await this.text.waitFor();
    await this.page.waitForFunction((wanted) => {
      const lines = document.querySelectorAll(".task-description .cm-line");
      return Array.from(lines, ({ textContent }) => textContent).join("\n") === wanted;
    }, text);
  }

  /** How the description in the dialog that is open is, while it is like this. */
  textIs(state: "saved" | "saving" | "offline" | "read-only"): Locator {
    return this.page.locator(`.text-state[data-state=${state}]`);
  }

  /** The comment with this text, in the dialog that is open. */
  comment(text: string): Locator {
    return this.page.locator(".comment").filter({ hasText: text });
  }

  /** The thread that it is in. */
  thread(text: string): Locator {
    return this.page.locator(".thread").filter({ hasText: text });
  }

  /** Presses a button of the dialog that is open, by the keyboard. */
  press(name: string): Promise<void> {
    return this.page.getByRole("dialog").getByRole("button", { name }).press("Enter");
  }

  /** Writes into a field of the dialog that is open, and sends it. */
  async write(label: string, text: string): Promise<void> {
    await this.field(label).fill(text);
    await this.field(label).press("Enter");
  }

  /** Drags a card over a column, and does not let go of it. */
  async dragOver(title: string, name: ColumnName): Promise<void> {
    const heading = this.column(name).getByRole("heading");
    await this.card(title).hover();
    await this.page.mouse.down();
    // The first move begins the drag, the second is one over the column.
    await heading.hover();
    await heading.hover();
  }

  /** Moves the pointer to a place in an element, in fractions of its width and height. */
  async pointAt(selector: string, x: number, y: number): Promise<void> {
    const box = await this.page.locator(selector).boundingBox();
    if (!box) throw new Error(`${selector} is not to be seen`);
    // From elsewhere: the pointer may be there already.
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 3 });
  }

  /** Goes on with a drag, to one half of another card. */
  async dragOn(title: string, half: "above" | "below"): Promise<void> {
    const box = await this.details(title).boundingBox();
    if (!box) throw new Error(`${title} is not to be seen`);
    const y = box.y + (half === "above" ? 4 : box.height - 4);
    await this.page.mouse.move(box.x + box.width / 2, y);
  }

  async add(title: string): Promise<void> {
    const field = this.page.getByLabel("What has to be done?");
    await field.fill(title);
    await field.press("Enter");
  }

  /** Opens a task, does something in its dialog, and closes it again. */
  async inDialog(title: string, work: (dialog: Locator) => Promise<unknown>): Promise<void> {
    await this.card(title).click();
    const dialog = this.page.getByRole("dialog");
    await work(dialog);
    await this.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
  }

  /** The titles of a column, in order. */
  titles(name: ColumnName): Promise<string[]> {
    return this.column(name).getByRole("link").allTextContents();
  }
}
