/** What axe-core has against a page by the rules of WCAG 2.2, levels A and AA, however people look at it. */

import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SCHEMES = ["light", "dark"] as const;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/**
 * Every violation of a page in light and dark, on a desktop and on a phone.
 * @param reach brings the page into the state that is meant, before each look
 */
export async function violations(
  page: Page,
  reach: () => Promise<unknown> = async () => {},
): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of SCHEMES)
    for (const size of [DESKTOP, PHONE]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(size);
      await reach();
      const look = `${colorScheme}, ${size.width} px`;
      found.push(...(await audit(page)).map((violation) => `${look}: ${violation}`));
    }
  return found;
}

async function audit(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const options = { runOnly: RULES, resultTypes: ["violations" as const] };
  const results: AxeResults = await page.evaluate((how) => window.axe.run(how), options);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}
