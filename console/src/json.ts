/** Formats JSON for people. The text is never parsed and rewritten, so a number keeps all its digits. */

export type Kind = "key" | "string" | "number" | "literal" | "punctuation" | "space";

export interface Token {
  readonly kind: Kind;
  readonly text: string;
}

const LEXEME = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
const INDENT = "  ";

/** The tokens of a valid JSON text, with line breaks and indentation between them. */
export function pretty(json: string): Token[] {
  const lexemes = json.match(LEXEME) ?? [];
  const tokens: Token[] = [];
  let depth = 0;
  const newLine = () => tokens.push({ kind: "space", text: `\n${INDENT.repeat(depth)}` });
  lexemes.forEach((text, index) => {
    const before = lexemes[index - 1] ?? "";
    const after = lexemes[index + 1] ?? "";
    const closes = text === "}" || text === "]";
    const opened = before === "{" || before === "[";
    if (closes) depth -= 1;
    if (closes !== opened) newLine();
    tokens.push({ kind: kindOf(text, after), text });
    if (text === "{" || text === "[") depth += 1;
    if (text === ",") newLine();
    if (text === ":") tokens.push({ kind: "space", text: " " });
  });
  return tokens;
}

/** The same as a single text. */
export function prettyText(json: string): string {
  return pretty(json)
    .map(({ text }) => text)
    .join("");
}

/** A member of a JSON object, byte for byte. Undefined if there is none. */
export function memberText(json: string, name: string): string | undefined {
  let depth = 0;
  let start: number | undefined;
  let key = "";
  for (const { 0: text, index } of json.matchAll(LEXEME)) {
    const endsMember = depth === 1 && (text === "," || text === "}");
    if (endsMember && start !== undefined) return json.slice(start, index).trim();
    if (text === "{" || text === "[") depth += 1;
    if (text === "}" || text === "]") depth -= 1;
    if (depth === 1 && text === ":" && key === JSON.stringify(name)) start = index + 1;
    if (depth === 1) key = text;
  }
  return undefined;
}

/** What is wrong with a JSON text, in the browser's words. Undefined if nothing is. */
export function problemOf(json: string): string | undefined {
  try {
    JSON.parse(json);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function kindOf(text: string, after: string): Kind {
  if (text.startsWith('"')) return after === ":" ? "key" : "string";
  if (/^[-\d]/.test(text)) return "number";
  return /^[a-z]/.test(text) ? "literal" : "punctuation";
}
