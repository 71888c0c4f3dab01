/**
 * Makes docs/taskboard.png, the README's picture of the board: what two people see at three moments.
 *
 *     npm run build && node examples/taskboard/scripts/strip.ts
 */

import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launch } from "../../../tests/support/chromium.ts";
import { change, newProject, newTask } from "../tests/support/content.ts";
import { type Relay, startRelay } from "../tests/support/relay.ts";
import { type Site, startSite } from "../tests/support/site.ts";
import { BoardWindow } from "../tests/support/window.ts";

const FILE = join(import.meta.dirname, "../../../docs/taskboard.png");
/** The least width with three columns, and room for a few cards. */
const VIEWPORT = { width: 740, height: 430 };

interface Moment {
  caption: string;
  /** Pictures of Ann's window and of Ben's. */
  windows: Buffer[];
}

async function main(): Promise<void> {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  const relay = await startRelay(site.runtime.port);
  const moments = await play(site, browser, relay);
  await compose(browser, moments);
  await browser.close();
  relay.close();
  await site.close();
}

async function play(site: Site, browser: Browser, relay: Relay): Promise<Moment[]> {
  const project = await newProject(site);
  await newTask(site, project, { title: "Book the domain", priority: "high" });
  await newTask(site, project, { title: "Choose a typeface" });
  const text = { title: "Write the home page", status: "in_progress" };
  await change(site, await newTask(site, project, text), { assigneeId: "ben" });
  await newTask(site, project, { title: "Agree on colours", status: "completed", priority: "low" });

  const device = { viewport: VIEWPORT, colorScheme: "light", reducedMotion: "reduce" } as const;
  const ann = await BoardWindow.open(browser, site, { user: "ann", project }, { device });
  const behindRelay = { device, realtimeUrl: relay.url };
  const ben = await BoardWindow.open(browser, site, { user: "ben", project }, behindRelay);
  for (const { page } of [ann, ben])
    await page.getByRole("list", { name: "Online" }).getByText("Ben Okafor").waitFor();

  await ann.dragOver("Book the domain", "In progress");
  await ann.page.mouse.up();
  const moved = ben.toast("Ann Keller moved “Book the domain” to In progress");
  await moved.waitFor();
  await ben.card("Book the domain", "In progress").waitFor();
  const first = await moment("Ann moves a card. Ben sees it at once, and is told.", ann, ben);

  await ben.page.getByRole("button", { name: "Dismiss" }).click();
  await ben.page.context().setOffline(true);
  relay.cut();
  await ben.badge("Offline").waitFor();
  await ann.add("Ask for photographs");
  await ann.inDialog("Choose a typeface", (dialog) =>
    dialog.getByLabel("Assignee").selectOption("Ben Okafor"),
  );
  await ann.details("Choose a typeface").getByText("Assigned to Ben Okafor").waitFor();
  const second = await moment("Ben’s network breaks, and Ann goes on.", ann, ben);

  relay.mend();
  await ben.page.context().setOffline(false);
  await ben.toast("Ann Keller assigned “Choose a typeface” to you").waitFor();
  await ben.card("Ask for photographs").waitFor();
  await ben.badge("Live").waitFor();
  const third = await moment("Ben is back: he gets what he missed, without a reload.", ann, ben);
  return [first, second, third];
}

async function moment(caption: string, ...windows: BoardWindow[]): Promise<Moment> {
  const pictures = [];
  for (const { page } of windows) {
    // Hover and focus marks are not part of the story.
    await page.mouse.move(0, 0);
    await page.evaluate("document.activeElement.blur()");
    pictures.push(await page.screenshot());
  }
  return { caption, windows: pictures };
}

/** Lays the moments out one below the other, and takes a picture of them. */
async function compose(browser: Browser, moments: Moment[]): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 2 * VIEWPORT.width + 60, height: 100 } });
  await page.setContent(`
    <style>
      body { margin: 0; padding: 20px; background: #fff; font: 22px/1.4 system-ui, "DejaVu Sans", sans-serif; color: #1b1f27 }
      section { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 20px }
      h2 { grid-column: 1 / -1; margin: 20px 0 0; font-size: 24px }
      section:first-child h2 { margin-top: 0 }
      img { display: block; width: ${VIEWPORT.width}px; box-sizing: border-box; border: 1px solid #b9bfca; border-radius: 10px }
    </style>
    ${moments.map(asHtml).join("")}`);
  await page.screenshot({ path: FILE, fullPage: true });
}

function asHtml({ caption, windows }: Moment, place: number): string {
  const images = windows.map(
    (picture) => `<img src="data:image/png;base64,${picture.toString("base64")}">`,
  );
  return `<section><h2>${place + 1}. ${caption}</h2>${images.join("")}</section>`;
}

await main();
