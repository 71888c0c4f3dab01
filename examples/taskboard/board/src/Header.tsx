import { useOnlineUsers, useOthers } from "@validiant/realtime/react";
import { useState } from "react";
import type { Project } from "../../shared/board.ts";
import { WORKSPACE } from "../../shared/events.ts";
import { Avatar } from "./Avatar.tsx";
import { ConnectionBadge } from "./ConnectionBadge.tsx";
import type { Connection } from "./connection.ts";
import { Modal } from "./Modal.tsx";
import { NewProject } from "./NewProject.tsx";
import { Privacy } from "./Privacy.tsx";
import { placeInWords } from "./places.ts";
import { useTasks } from "./queries.ts";
import { goTo, hrefTo } from "./route.ts";
import { useSession } from "./session.ts";
import { WaitingBadge } from "./Waiting.tsx";

const AVATARS_MAX = 5;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

interface HeaderProps {
  projects: Project[];
  project: Project | undefined;
  connection: Connection;
}

export function Header({ projects, project, connection }: HeaderProps) {
  return (
    <header className="header">
      <h1 className="hidden">{project?.name ?? "Taskboard"}</h1>
      {project && <ProjectPicker projects={projects} project={project} />}
      <div className="header-people">
        <OnlineUsers project={project} connection={connection} />
        <ConnectionBadge connection={connection} />
        <WaitingBadge isLive={connection.isLive} />
        <Me />
      </div>
    </header>
  );
}

function ProjectPicker({ projects, project }: { projects: Project[]; project: Project }) {
  const [isAdding, setAdding] = useState(false);
  const close = () => setAdding(false);
  return (
    <div className="projects">
      <select
        aria-label="Project"
        value={project.id}
        onChange={({ target }) => goTo({ project: target.value, task: undefined })}
      >
        {projects.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <button type="button" className="quiet" onClick={() => setAdding(true)}>
        New project
      </button>
      <Privacy project={project} />
      {isAdding && (
        <Modal title="New project" onClose={close}>
          <NewProject onDone={close} />
        </Modal>
      )}
    </div>
  );
}

interface OnlineUsersProps {
  project: Project | undefined;
  connection: Connection;
}

/**
 * Shows the first few users as avatars, with where they are. Screen readers get all the names. Without a connection nobody
 * knows who is online, so it shows who was, and when.
 */
function OnlineUsers({ project, connection: { isLive, asOf } }: OnlineUsersProps) {
  const room = project?.id ?? WORKSPACE;
  const others = useOthers(undefined, undefined, room);
  const { tasks = [] } = useTasks(project?.id);
  const users = useOnlineUsers(room).map(({ userId, userName }) => {
    const other = others.find((one) => one.userId === userId);
    return {
      id: userId,
      name: userName ?? userId,
      place: placeInWords(other, tasks),
      isLeaving: other?.leavesAt !== undefined,
    };
  });
  const rest = users.slice(AVATARS_MAX);
  const time = !isLive && users.length > 0 && asOf && TIME.format(asOf);
  return (
    <ul
      className={`online${time ? " online-before" : ""}`}
      aria-label={time ? `Online as of ${time}` : "Online"}
    >
      {users.map(({ id, name, place, isLeaving }, index) => (
        <li key={id} className={isLeaving ? "leaving" : undefined}>
          {index < AVATARS_MAX && (
            <Avatar userId={id} name={name} title={place ? `${name}, ${place}` : name} />
          )}
          <span className="hidden">
            {name}
            {place && <span>, {place}</span>}
          </span>
        </li>
      ))}
      {rest.length > 0 && (
        <li aria-hidden="true" title={rest.map(({ name }) => name).join(", ")}>
          +{rest.length}
        </li>
      )}
      {time && (
        <li className="online-time" aria-hidden="true">
          as of {time}
        </li>
      )}
    </ul>
  );
}

/** Another user is another session: the page starts again. */
function Me() {
  const { me, config } = useSession();
  return (
    <select
      aria-label="You are"
      value={me.id}
      onChange={({ target }) => location.assign(hrefTo({ user: target.value }))}
    >
      {config.users.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
