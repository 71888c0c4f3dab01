import type { User } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { hrefTo } from "./route.ts";

/** Asks who is using the page. */
export function Welcome({ users }: { users: User[] }) {
  return (
    <main className="welcome">
      <h1>Taskboard</h1>
      <p>
        Choose who you are. Then open a second window as somebody else: each window shows what
        happens in the other.
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
      <p className="faint">This is a demo: you don't need a password.</p>
    </main>
  );
}
