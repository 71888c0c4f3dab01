/** Fields of a form by name, as they are kept in the page's address. */

export type NamedFields = Readonly<Record<string, HTMLInputElement | HTMLTextAreaElement>>;

/** Those that differ from what they were at first. */
export function readFields(
  fields: NamedFields,
  first: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const values = Object.entries(fields).map(([name, field]) => [name, field.value] as const);
  return Object.fromEntries(values.filter(([name, value]) => value !== (first[name] ?? "")));
}

export function writeFields(fields: NamedFields, kept: Readonly<Record<string, string>>): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = kept[name];
    if (value !== undefined) field.value = value;
  }
}
