/** Tiptap on a page that has it as `globalThis.editor`. */

import type { Page } from "playwright-core";

/** By a command of the editor: Ctrl+End moves the page's selection, which a caret of others that arrives sets back. */
export const caretToEnd = (page: Page): Promise<unknown> =>
  page.evaluate('editor.commands.focus("end")');
