/** What axe-core finds on a page by the rules of WCAG 2.2, levels A and AA, in light and dark, on a desktop and a phone. */

import axe, { type AxeResults, type RunOnly } from "axe-core";
import type { Page } from "playwright-core";

const ALL = {
  type: "tag" as const,
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
};
/** The rules whose results can differ in the other colour scheme. */
const COLOURS = { type: "rule" as const, values: ["color-contrast", "link-in-text-block"] };
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const LOOKS = [
  { colorScheme: "light", size: DESKTOP, rules: ALL },
  { colorScheme: "light", size: PHONE, rules: ALL },
  { colorScheme: "dark", size: DESKTOP, rules: COLOURS },
] as const;

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
  for (const { colorScheme, size, rules } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(size);
    await reach();
    const look = `${colorScheme}, ${size.width} px`;
    found.push(...(await audit(page, rules)).map((violation) => `${look}: ${violation}`));
  }
  return found;
}

async function audit(page: Page, rules: RunOnly): Promise<string[]> {
  const isThere = await page.evaluate(() => window.axe !== undefined);
  if (!isThere) await page.evaluate(axe.source);
  const options = { runOnly: { ...rules }, resultTypes: ["violations" as const] };
  const results: AxeResults = await page.evaluate((how) => window.axe.run(how), options);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}
