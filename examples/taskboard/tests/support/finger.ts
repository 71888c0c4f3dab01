/** A finger on a screen, by the browser's own protocol: Playwright only taps. */

import type { CDPSession, Page } from "playwright-core";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Finger {
  readonly #page: Page;
  readonly #session: CDPSession;
  #at = { x: 0, y: 0 };

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async of(page: Page): Promise<Finger> {
    return new Finger(page, await page.context().newCDPSession(page));
  }

  /** Lays the finger on the middle of something. */
  async down(box: Box | null): Promise<void> {
    const { x, y, width, height } = seen(box);
    this.#at = { x: x + width / 2, y: y + height / 2 };
    await this.#send("touchStart", [this.#at]);
  }

  /** Moves it to one edge of something, in steps as a finger does. */
  async moveTo(box: Box | null, edge: "above" | "below"): Promise<void> {
    const { x, y, width, height } = seen(box);
    await this.move(x + width / 2, edge === "above" ? y + 6 : y + height - 6);
  }

  async move(x: number, y: number): Promise<void> {
    const from = this.#at;
    const steps = 8;
    for (let step = 1; step <= steps; step += 1) {
      const part = step / steps;
      this.#at = { x: from.x + (x - from.x) * part, y: from.y + (y - from.y) * part };
      await this.#send("touchMove", [this.#at]);
    }
  }

  up(): Promise<void> {
    return this.#send("touchEnd", []);
  }

  /**
   * Lifts the finger from a page that it scrolls, and waits until the page has come to rest. Until then the browser
   * takes the next tap as a hand that stops the page, and tells the page nothing of it.
   */
  async upAndRest(): Promise<void> {
    await this.#page.evaluate(
      "void document.addEventListener('scrollend', () => { document.documentElement.dataset.rests = '' }, { once: true })",
    );
    await this.up();
    await this.#page.locator("html[data-rests]").waitFor({ state: "attached" });
  }

  async #send(
    type: "touchStart" | "touchMove" | "touchEnd",
    touchPoints: { x: number; y: number }[],
  ): Promise<void> {
    await this.#session.send("Input.dispatchTouchEvent", { type, touchPoints });
  }
}

function seen(box: Box | null): Box {
  if (!box) throw new Error("There is nothing to touch.");
  return box;
}
