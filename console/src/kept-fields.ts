/** A form's fields by name, for keeping them in the page's address. */

export type NamedFields = Readonly<Record<string, HTMLInputElement | HTMLTextAreaElement>>;

/** The fields that differ from their first values. */
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
