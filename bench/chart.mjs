/** The headline figures as bars, in an SVG that follows the reader's colour scheme. */

import { SERVERS } from "./figures.mjs";

const WIDTH = 820;
const LABEL_WIDTH = 300;
const BAR_WIDTH = 400;
const BAR = 9;
const GAP = 18;
const TOP = 56;
/** Generously, in the legend. */
const LETTER_WIDTH = 6.5;
/** Longer bars are cut off here; their number shows the real value. */
const MOST = 1.6;
/** Those with a bar, in their order. */
const SHOWN = /** @type {const} */ (["ours", "js", "jsHistory", "partyserver"]);

/**
 * Bars relative to the hand-written JavaScript: lower is better in all of them.
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function chart(figures) {
  let bottom = TOP;
  const groups = figures
    .filter(({ headline }) => headline)
    .map((figure) => {
      const bars = costs(figure);
      const drawn = group(figure, bars, bottom);
      bottom += bars.length * BAR + GAP;
      return drawn;
    });
  const height = bottom + 12;
  const one = LABEL_WIDTH + BAR_WIDTH / MOST;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Costs relative to hand-written JavaScript">
<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .back { fill: #ffffff } .line { stroke: #59636e; stroke-dasharray: 3 3 } .dim { fill: #59636e }
  .ours { fill: #c2410c } .js { fill: #8b949e } .jsHistory { fill: #4b5563 } .partyserver { fill: #6e7fd2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .back { fill: #0d1117 } .line { stroke: #9198a1 } .dim { fill: #9198a1 }
    .ours { fill: #fb923c } .js { fill: #6e7681 } .jsHistory { fill: #b1bac4 } .partyserver { fill: #8ea2ff }
  }
</style>
<rect class="back" width="${WIDTH}" height="${height}" rx="6"/>
${legend()}
<line class="line" x1="${one}" x2="${one}" y1="${TOP - 8}" y2="${height - 12}"/>
${groups.join("\n")}
</svg>
`;
}

function legend() {
  let x = LABEL_WIDTH;
  const items = SHOWN.map((server) => {
    const name = SERVERS[server];
    const item = `<rect class="${server}" x="${x}" y="14" width="10" height="10"/><text x="${x + 15}" y="23">${name}</text>`;
    x += 40 + name.length * LETTER_WIDTH;
    return item;
  });
  return `<text class="dim" x="14" y="23">cost, JavaScript = 1; lower is better</text>\n${items.join("\n")}`;
}

/**
 * What each server that was measured costs, if JavaScript costs 1.
 * @param {import("./figures.mjs").Reported} figure
 * @returns {{ server: string, cost: number }[]}
 */
function costs({ ratios: { js, jsHistory, partyserver } }) {
  if (js === null) return [];
  const ofOurs = { ours: 1, js, jsHistory, partyserver };
  return SHOWN.flatMap((server) => {
    const ratio = ofOurs[server];
    return ratio === null ? [] : [{ server, cost: js / ratio }];
  });
}

/**
 * @param {import("./figures.mjs").Reported} figure
 * @param {{ server: string, cost: number }[]} costs
 * @param {number} y
 */
function group({ workload, label }, costs, y) {
  const bars = costs.map(({ server, cost }, index) => bar(server, cost, y + index * BAR));
  return `<text x="14" y="${y + 11}">${workload}</text><text class="dim" x="14" y="${y + 26}">${label}</text>
${bars.join("")}`;
}

/** @param {string} server @param {number} value @param {number} y */
function bar(server, value, y) {
  const width = (Math.min(value, MOST) / MOST) * BAR_WIDTH;
  const end = LABEL_WIDTH + width + 6;
  return `<rect class="${server}" x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 1}"/><text x="${end.toFixed(1)}" y="${y + BAR - 1}" style="font-size:9px">${value.toFixed(2)}</text>`;
}
