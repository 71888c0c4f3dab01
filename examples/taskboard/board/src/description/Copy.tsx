/** A description that can't be changed now, as the API has last read it. */
export function Copy({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no set of fields
    <div className="task-description" role="group" aria-label="Description" aria-busy="true">
      {text || <span className="faint">Opening the description…</span>}
    </div>
  );
}
