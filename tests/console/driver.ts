/** The console in a browser, used as a person would: by labels and the text on buttons. */

import { randomUUID } from "node:crypto";
import type { Browser, BrowserContextOptions, Locator, Page, WebSocket } from "playwright-core";

/** How long something that must happen may take, in milliseconds. */
const PATIENCE_MS = 30_000;

export interface Asked {
  url: string;
  body: string;
}

export class Console {
  readonly page: Page;
  /** Every request of the page. */
  readonly asked: Asked[] = [];
  /** What the browser complained of: errors, refused requests, violations of the policy. */
  readonly complaints: string[] = [];
  readonly #sockets: WebSocket[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("request", (request) => {
      this.asked.push({ url: request.url(), body: request.postData() ?? "" });
    });
    page.on("websocket", (socket) => {
      this.asked.push({ url: socket.url(), body: "" });
      this.#sockets.push(socket);
    });
    page.on("pageerror", ({ message }) => this.complaints.push(message));
    page.on("console", (line) => {
      if (line.type() !== "log") this.complaints.push(line.text());
    });
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Console> {
    const context = await browser.newContext({
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const opened = new Console(await context.newPage());
    await opened.page.goto(url);
    await opened.page.getByText("healthy").waitFor();
    return opened;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** Connects as a user and waits until the server has answered, with whatever. */
  async connect(project: string, userId: string, name = ""): Promise<Client> {
    await this.fill("Project", project);
    await this.fill("User id", userId);
    await this.fill("Name", name);
    await this.page.getByRole("button", { name: "Connect", exact: true }).first().click();
    const client = this.client(name || userId || "Observer", project);
    await client.state("connecting").waitFor({ state: "detached" });
    return client;
  }

  /** Connects Ann and Ben to their own project, to which the form broadcasts. */
  async annAndBen(secret: string): Promise<{ project: string; ann: Client; ben: Client }> {
    const project = `p-${randomUUID()}`;
    await this.secret(secret);
    await this.fill("To project", project);
    const ann = await this.connect(project, "ann", "Ann");
    return { project, ann, ben: await this.connect(project, "ben", "Ben") };
  }

  /** Cuts a client, and waits until the server has answered the close of its socket. */
  async cut(client: Client): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      for (const socket of this.#sockets) socket.once("close", () => resolve());
    });
    await client.press("Cut");
    await client.state("cut").waitFor();
    await closed;
  }

  /** The pane of a client. */
  client(name: string, project: string): Client {
    const label = `${name} in ${project}`;
    return new Client(this.page.getByRole("article", { name: label, exact: true }));
  }

  fill(label: string, value: string): Promise<void> {
    return this.page.getByLabel(label, { exact: true }).fill(value);
  }

  secret(value: string): Promise<void> {
    return this.page.getByLabel("Broadcast secret").fill(value);
  }

  choose(eventType: string): Promise<unknown> {
    return this.page.getByLabel("Event", { exact: true }).selectOption(eventType);
  }

  /** Shows one of the parts that share a place. */
  show(view: "Clients" | "Timeline" | "Who is here" | "Tokens"): Promise<void> {
    const views = this.page.getByRole("group", { name: "View" });
    return views.getByRole("button", { name: view, exact: true }).click();
  }

  press(name: string): Promise<void> {
    return this.page.getByRole("button", { name, exact: true }).first().click();
  }

  /** Broadcasts the contents of the form, and returns the outcome that it shows. */
  async broadcast(): Promise<string> {
    const answered = this.page.waitForResponse(
      (response) => response.request().method() === "POST",
    );
    await this.press("Broadcast");
    await (await answered).finished();
    await this.page.locator("form.broadcast button.main:enabled").waitFor();
    return textOf(this.page.locator(".broadcast .outcome"));
  }

  curl(): Promise<string> {
    return textOf(this.page.getByRole("region", { name: "The call as a command" }));
  }

  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }
}

/** One client on the page. */
export class Client {
  readonly pane: Locator;

  constructor(pane: Locator) {
    this.pane = pane;
  }

  state(text: string): Locator {
    return this.pane.locator(".state", { hasText: text });
  }

  /** The sentence or two about the state. */
  notice(text: string | RegExp): Locator {
    return this.pane.locator(".notice").getByText(text);
  }

  press(name: string): Promise<void> {
    return this.pane.getByRole("button", { name, exact: true }).click();
  }

  /** The rows of the frames of a type. */
  frames(type: string): Locator {
    return this.pane.locator(`.frame[data-type="${type}"]`);
  }

  /** The types of all frames that are shown, the newest first. */
  types(): Promise<string[]> {
    return this.pane.locator(".frame .type").allTextContents();
  }

  people(): Promise<string[]> {
    return this.pane
      .locator(".people li")
      .evaluateAll((items) =>
        items.map((item) => item.getAttribute("data-user") ?? item.textContent ?? ""),
      );
  }
}

async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? "";
}
