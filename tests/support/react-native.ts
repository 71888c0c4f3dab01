/** A screen of React Native in Node, without the classes that React Native lacks. */

import { join } from "node:path";
import { ROOT } from "../../scripts/common/paths.ts";
import { bundle } from "./page.ts";
import { Program, TELL } from "./program.ts";

/** `Event` and `EventTarget` exist in newer versions; the WebSocket has its own classes, like that of `ws`. */
const CONDITIONS = `
import { Window } from "happy-dom";
import WebSocket from "ws";

const LACKING = ["Event", "EventTarget", "MessageEvent", "CloseEvent", "CustomEvent", "crypto", "reportError", "navigator"];
const root = new Window().document.createElement("div");
for (const name of LACKING) Reflect.deleteProperty(globalThis, name);
Object.assign(globalThis, { root, WebSocket, window: globalThis, process: { env: {} }, navigator: { product: "ReactNative" } });
await import("./app.mjs");
`;

/** What renders the screen. The app itself sees no page. */
const RENDER = `
import { createElement } from "react";
import { createRoot } from "react-dom/client";
createRoot(globalThis.root).render(createElement(Screen));
`;

/** Starts the code of a screen that it calls `Screen`. What its `Text` shows is said as `shows`. */
export async function startOnReactNative(code: string): Promise<Program> {
  const stdin = { contents: TELL + code + RENDER, loader: "tsx" as const, resolveDir: ROOT };
  const alias = { "react-native": join(import.meta.dirname, "react-native-text.ts") };
  const conditions = ["react-native"];
  return Program.start(CONDITIONS, {
    files: { "app.mjs": await bundle({ stdin, alias, conditions }) },
  });
}
