import { Note } from "./Note.tsx";
import { hrefTo } from "./route.ts";
import { useSession } from "./session.ts";

/** Says what to do with an empty board. */
export function EmptyBoard() {
  const { me, config } = useSession();
  const other = config.users.find(({ id }) => id !== me.id);
  return (
    <Note title="Nothing to do yet">
      <p>Type the first task in the field under “To do”, and press Enter.</p>
      {other && (
        <p>
          Then{" "}
          <a href={hrefTo({ user: other.id })} target="_blank" rel="noreferrer">
            open a second window as {other.name}
          </a>
          : each of you sees at once what the other does.
        </p>
      )}
    </Note>
  );
}
