/**
 * Takes the pictures of the README, and more to look at, in desktop and phone width, light and dark.
 *
 *     npm run build && node examples/taskboard/scripts/screenshots.ts [folder]
 */

import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type Site, startSite } from "../tests/support/site.ts";
import { launch } from "../tests/support/window.ts";

const FOLDER = resolve(
  process.argv[2] ?? join(import.meta.dirname, "../../../test-output/taskboard"),
);
const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

const TASKS: [title: string, status: string, priority: string, assigneeId: string | null][] = [
  ["Answer the three open questions of the customer", "todo", "high", "ann"],
  ["Choose a typeface that has all the accents", "todo", "medium", null],
  ["Photographs for the team page", "todo", "low", "dan"],
  ["Write the text of the home page", "in_progress", "high", "ben"],
  ["Move the old newsletter archive", "in_progress", "medium", "cleo"],
  ["Agree on the colours", "completed", "medium", "cleo"],
  ["Book the domain", "completed", "low", "ann"],
];

async function main(): Promise<void> {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  await picture(browser, site, "welcome", {});
  await picture(browser, site, "no-project", { user: "ann" });
  const empty = await post(site, "/projects", { name: "Empty" });
  await picture(browser, site, "empty", { user: "ann", project: empty });
  const { project, task } = await fill(site);
  const others = await Promise.all(
    ["ben", "cleo"].map((user) => open(browser, site, { user, project }, SIZES.desktop, "light")),
  );
  await picture(browser, site, "board", { user: "ann", project }, async (page) => {
    await page.getByRole("list", { name: "Online" }).getByText("Cleo Martin").waitFor();
    const move = { status: "completed" };
    await call(site, "PATCH", `/tasks/${task}`, move, "ben");
    await page.getByText("Ben Okafor moved").waitFor();
    await page.getByText("Ben Okafor moved").evaluate(settled);
    await call(site, "PATCH", `/tasks/${task}`, { status: "in_progress" }, "ann");
  });
  await picture(browser, site, "task", { user: "ann", project, task }, async (page) => {
    await page.getByRole("dialog").getByText("Half of it").waitFor();
  });
  for (const page of others) await page.close();
  await browser.close();
  await site.close();
}

/** Resolves when a toast has come to rest. */
async function settled(element: Element): Promise<void> {
  const toast = element.closest(".toast");
  await Promise.all(toast?.getAnimations().map(({ finished }) => finished) ?? []);
}

async function fill(site: Site): Promise<{ project: string; task: string }> {
  const project = await post(site, "/projects", { name: "Website" });
  let last = "";
  for (const [title, status, priority, assigneeId] of TASKS) {
    const task = await post(site, `/projects/${project}/tasks`, { title, status, priority });
    if (assigneeId) await call(site, "PATCH", `/tasks/${task}`, { assigneeId }, "dan");
    if (assigneeId === "ben") last = task;
  }
  await post(site, `/tasks/${last}/comments`, { text: "Can we have it by Friday?" }, "ann");
  await post(
    site,
    `/tasks/${last}/comments`,
    { text: "Half of it, and the rest on Monday." },
    "ben",
  );
  return { project, task: last };
}

async function post(site: Site, path: string, body: object, user = "dan"): Promise<string> {
  const id = randomUUID();
  await call(site, "POST", path, { id, ...body }, user);
  return id;
}

async function call(site: Site, method: string, path: string, body: object, user: string) {
  const headers = { "X-User-Id": user, "Content-Type": "application/json" };
  await fetch(`${site.url}/api${path}`, { method, headers, body: JSON.stringify(body) });
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
