/** The state of a connection in words: what happened, and what to do. */

import type { Recovery, State } from "./connection.ts";

export interface Notice {
  readonly text: string;
  readonly tone: "good" | "info" | "bad";
}

const TEXT = {
  connecting: "connecting",
  open: "connected",
  cut: "cut",
  left: "left",
  waiting: "needs a token",
} as const;

/** A word or two for the badge. */
export function stateText(state: State): string {
  if (state.name !== "ended") return TEXT[state.name];
  const { code, name } = state.ending;
  return `${code} ${name}`;
}

/** A sentence or two below it. */
export function noticeOf(state: State, recovery: Recovery | undefined): Notice {
  switch (state.name) {
    case "cut":
      return {
        text: "The connection is broken. The others do not know yet: this user counts as present for a grace period. Broadcast something, then return.",
        tone: "info",
      };
    case "left":
      return { text: "Left with 1000: the others were told at once.", tone: "info" };
    case "waiting":
      return {
        text: "This client had a token, which was not kept when the page was reloaded. Give it a new one.",
        tone: "info",
      };
    case "ended": {
      const { returnsInMs, ending } = state;
      const returns =
        returnsInMs === undefined ? "" : ` Returns in ${(returnsInMs / 1000).toFixed(0)} s.`;
      return { text: ending.advice + returns, tone: "bad" };
    }
    default:
      return recovery === undefined ? { text: "", tone: "info" } : recoveryNotice(recovery);
  }
}

function recoveryNotice({ since, recovered, missed }: Recovery): Notice {
  if (!recovered) {
    return {
      text: `Not recovered with since=${since}: not everything that was missed is still kept. An app would fetch everything again now.`,
      tone: "bad",
    };
  }
  return { text: `Recovered with since=${since}. ${missedText(missed)}`, tone: "good" };
}

function missedText(missed: readonly number[]): string {
  if (missed.length === 0) return "Nothing was missed.";
  const numbers = missed.map((seq) => `#${seq}`);
  const which = missed.length > 4 ? `${numbers[0]} to ${numbers.at(-1)}` : numbers.join(", ");
  return `${missed.length} missed ${missed.length === 1 ? "event" : "events"} came back: ${which}.`;
}
