import type { User } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { hrefTo } from "./route.ts";

/** Asks who uses the page. */
export function Welcome({ users }: { users: User[] }) {
  return (
    <main className="welcome">
      <h1>Taskboard</h1>
      <p>
        Choose who you are. Open a second window as somebody else, and see what each of you does in
        the other.
      </p>
      <ul>
        {users.map(({ id, name }) => (
          <li key={id}>
            <a href={hrefTo({ user: id })}>
              <Avatar userId={id} name={name} />
              {name}
            </a>
          </li>
        ))}
      </ul>
      <p className="faint">This is a demo: it asks for no password.</p>
    </main>
  );
}
