import { type Filter, isFiltering, NO_FILTER, ONLY, ONLY_NAMES, type Only } from "./filter.ts";

interface FilterBarProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  shown: number;
  total: number;
}

/** Chooses which tasks are shown, and says how many there are. */
export function FilterBar({ filter, onFilter, shown, total }: FilterBarProps) {
  return (
    <search className="filter-bar">
      <input
        type="search"
        aria-label="Search tasks"
        placeholder="Search tasks"
        value={filter.text}
        maxLength={200}
        onChange={({ target }) => onFilter({ ...filter, text: target.value })}
      />
      <select
        aria-label="Show"
        value={filter.only}
        onChange={({ target }) => onFilter({ ...filter, only: target.value as Only })}
      >
        {ONLY.map((only) => (
          <option key={only} value={only}>
            {ONLY_NAMES[only]}
          </option>
        ))}
      </select>
      <div className="filter-state">
        <output className="faint">{isFiltering(filter) && `${shown} of ${total} shown`}</output>
        {isFiltering(filter) && (
          <button type="button" className="quiet" onClick={() => onFilter(NO_FILTER)}>
            Show all
          </button>
        )}
      </div>
    </search>
  );
}
