import { Note } from "./Note.tsx";
import { hrefTo } from "./route.ts";
import { useSession } from "./session.ts";

/** Tells what to do with an empty board. */
export function EmptyBoard() {
  const { me, config } = useSession();
  const other = config.users.find(({ id }) => id !== me.id);
  return (
    <Note title="Nothing to do yet">
      <p>Write the first task into the field under “To do”, and press Enter.</p>
      {other && (
        <p>
          Then{" "}
          <a href={hrefTo({ user: other.id })} target="_blank" rel="noreferrer">
            open a second window as {other.name}
          </a>
          : what one of you does, the other sees at once.
        </p>
      )}
    </Note>
  );
}
