/**
 * Takes the README's pictures, and more for review, at desktop and phone width, light and dark.
 *
 *     npm run build && node examples/taskboard/scripts/screenshots.ts [folder]
 */

import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launch } from "../../../tests/support/chromium.ts";
import {
  call,
  change,
  fillProject,
  newComment,
  newPrivateProject,
  newProject,
  newTask,
} from "../tests/support/content.ts";
import { type Site, startSite } from "../tests/support/site.ts";
import { BoardWindow } from "../tests/support/window.ts";

const FOLDER = resolve(
  process.argv[2] ?? join(import.meta.dirname, "../../../test-output/taskboard"),
);
/** Where the README's pictures are kept. */
const KEPT = join(import.meta.dirname, "../screenshots");
const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

async function main(): Promise<void> {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  await picture(browser, site, "welcome", {});
  await picture(browser, site, "no-project", { user: "ann" });
  const empty = await newProject(site, "Empty");
  await picture(browser, site, "empty", { user: "ann", project: empty });
  const { project, task } = await fillProject(site);
  const others = await Promise.all(
    ["ben", "cleo"].map((user) => open(browser, site, { user, project }, SIZES.desktop, "light")),
  );
  await picture(browser, site, "board", { user: "ann", project }, async (page) => {
    await page.getByRole("list", { name: "Online" }).getByText("Cleo Martin").waitFor();
    const move = { status: "todo", position: "1" };
    await change(site, task, move, "ben");
    await page.getByText("Ben Okafor moved").waitFor();
    await page.locator(".column-todo .card-marked").waitFor();
    await page.getByText("Ben Okafor moved").evaluate(settled);
    await change(site, task, { ...move, status: "in_progress" }, "ann");
  });
  await picture(browser, site, "task", { user: "ann", project, task }, async (page) => {
    await page.getByRole("dialog").getByText("Half of it").waitFor();
  });
  const comment = await newComment(site, task, "Who writes it, <@ann>?", "cleo");
  await newComment(site, task, "Ben and I.", "ann", comment);
  const heart = encodeURIComponent("❤️");
  await call(site, "PUT", `/comments/${comment}/reactions/${heart}`, undefined, "ben");
  const ben = await open(browser, site, { user: "ben", project, task }, SIZES.desktop, "light");
  const bens = new BoardWindow(ben);
  await picture(browser, site, "together", { user: "ann", project, task }, async (page) => {
    await page.getByRole("list", { name: "Also here" }).getByText("Ben Okafor").waitFor();
    await bens.text.pressSequentially("!");
    await page.getByText("is editing the description").waitFor();
    await bens.pointAt(".task-description", 0.6, 0.5);
    await page.getByRole("dialog").locator(".cursor").waitFor();
  });
  const linked = { user: "ann", project, task, comment };
  await picture(browser, site, "comments", linked, async (page) => {
    await bens.field("Write a comment").pressSequentially("I will");
    await page.getByText("Ben Okafor is typing…").waitFor();
    await page.getByRole("button", { name: "React" }).last().click();
    await bens.field("Write a comment").fill("");
  });
  await picture(browser, site, "mention", { user: "ann", project, task }, async (page) => {
    await page.getByLabel("Write a comment").pressSequentially("@");
    await page.getByRole("listbox").waitFor();
  });
  await ben.keyboard.press("Escape");
  await ben.getByRole("dialog").waitFor({ state: "detached" });
  await picture(browser, site, "cursors", { user: "ann", project }, async (page) => {
    await bens.pointAt(".stage", 0.5, 0.3);
    await page.locator(".cursor").getByText("Ben").waitFor();
  });
  await ben.close();
  await picture(browser, site, "deleted", { user: "ann", project, task }, async (page) => {
    await new BoardWindow(page).text.fill("Three paragraphs, or four");
    await call(site, "DELETE", `/tasks/${task}`, undefined, "ben");
    await page.getByRole("alert").getByText("Ben Okafor deleted").waitFor();
    await call(site, "POST", `/tasks/${task}/restore`, undefined, "ann");
  });
  await picture(browser, site, "undo", { user: "ann", project, task }, async (page) => {
    await page.getByRole("button", { name: "Delete task" }).click();
    await page.getByText("You deleted").evaluate(settled);
    await call(site, "POST", `/tasks/${task}/restore`, undefined, "ann");
  });
  await picture(browser, site, "search", { user: "ann", project }, async (page) => {
    await page.getByLabel("Search tasks").fill("text");
    await page.getByText("1 of ").waitFor();
  });
  await picture(browser, site, "drag", { user: "ann", project }, async (page) => {
    await new BoardWindow(page).dragOver("Agree on the colours", "To do");
    await page.locator(".landing").waitFor();
  });
  await picture(browser, site, "offline", { user: "ann", project }, async (page) => {
    await page.getByRole("list", { name: "Online" }).getByText("Cleo Martin").waitFor();
    await page.context().setOffline(true);
    await new BoardWindow(page).add("Made in a tunnel");
    await page.getByText("Not saved yet").waitFor();
  });
  await takePrivate(browser, site);
  await copyFile(join(FOLDER, "board-desktop-light.png"), join(KEPT, "desktop.png"));
  await copyFile(join(FOLDER, "board-phone-dark.png"), join(KEPT, "phone.png"));
  for (const page of others) await page.close();
  await browser.close();
  await site.close();
}

async function takePrivate(browser: Browser, site: Site): Promise<void> {
  const project = await newPrivateProject(site, ["ann", "ben", "cleo"]);
  await newTask(site, project, { title: "Offer to the new designer" }, "ann");
  const lock = (page: Page) => page.getByRole("button", { name: "Encrypted, epoch 1" });
  await picture(browser, site, "private", { user: "ann", project }, (page) => lock(page).waitFor());
  await picture(browser, site, "members", { user: "ann", project }, async (page) => {
    await lock(page).click();
    await page.getByRole("dialog").waitFor();
  });
}

/** Resolves when a toast has come to rest. */
async function settled(element: Element): Promise<void> {
  const toast = element.closest(".toast");
  await Promise.all(toast?.getAnimations().map(({ finished }) => finished) ?? []);
}

/** Takes one picture of each size and theme. */
async function picture(
  browser: Browser,
  site: Site,
  name: string,
  query: Record<string, string>,
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<void> {
  for (const [size, device] of Object.entries(SIZES))
    for (const theme of ["light", "dark"] as const) {
      const page = await open(browser, site, query, device, theme);
      await prepare(page);
      await page.screenshot({ path: join(FOLDER, `${name}-${size}-${theme}.png`) });
      await page.close();
    }
}

async function open(
  browser: Browser,
  site: Site,
  query: Record<string, string>,
  device: BrowserContextOptions,
  colorScheme: "light" | "dark",
): Promise<Page> {
  const page = await browser.newPage({ ...device, colorScheme });
  await page.goto(`${site.url}/?${new URLSearchParams(query)}`);
  if (query.user) await page.getByText("Live").waitFor();
  await page.getByRole("heading").first().waitFor({ state: "attached" });
  return page;
}

await main();
