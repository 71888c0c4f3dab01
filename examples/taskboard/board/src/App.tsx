/** The page: who are you, which project, and its board. */

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { appKeys } from "@validiant/realtime/encryption";
import { useEffect, useMemo } from "react";
import { type Config, DEMO_PROJECT, type Project, type User } from "../../shared/board.ts";
import { createApi, fetchConfig } from "./api.ts";
import { Board } from "./Board.tsx";
import { useConnection } from "./connection.ts";
import { UnsavedTexts } from "./description/UnsavedTexts.tsx";
import { Header } from "./Header.tsx";
import { ModalHost } from "./Modal.tsx";
import { NewProject } from "./NewProject.tsx";
import { Note } from "./Note.tsx";
import { offlineOf } from "./offline.ts";
import { useProjects } from "./queries.ts";
import { useRealtime } from "./realtime.ts";
import { correctTo, useRoute } from "./route.ts";
import { type Session, SessionContext } from "./session.ts";
import { Toasts } from "./Toasts.tsx";
import { Welcome } from "./Welcome.tsx";

export function App() {
  const { user } = useRoute();
  const queryClient = useQueryClient();
  const { data: config, error } = useQuery({ queryKey: ["config"], queryFn: fetchConfig });
  const me = config?.users.find(({ id }) => id === user);
  const session = useMemo(
    () => config && me && sessionOf(config, me, queryClient),
    [config, me, queryClient],
  );
  if (!config) return error && <Note title="The API does not answer">{error.message}</Note>;
  if (!session) return <Welcome users={config.users} />;
  return (
    <SessionContext value={session}>
      <ModalHost>
        <Workspace />
        <Toasts />
      </ModalHost>
    </SessionContext>
  );
}

function sessionOf(config: Config, me: User, queryClient: QueryClient): Session {
  const api = createApi(me.id);
  const encryption = { keys: appKeys({ fetchKey: api.epochKey }) };
  return { config, me, api, offline: offlineOf(queryClient, me.id), encryption };
}

function Workspace() {
  const route = useRoute();
  const { data: projects, error } = useProjects();
  const project = projects && chosen(projects, route.project);
  const connection = useConnection(useRealtime(project?.id));
  useEffect(() => {
    // So that the address can be bookmarked and shared.
    if (project && !route.project) correctTo({ project: project.id });
  }, [project, route.project]);
  if (!projects) return error && <Note title="The projects can't be shown">{error.message}</Note>;
  return (
    <>
      <Header projects={projects} project={project} connection={connection} />
      <UnsavedTexts />
      <main tabIndex={-1}>
        {project ? <Board key={project.id} project={project} /> : <FirstProject />}
      </main>
    </>
  );
}

/** The project in the address, or else the demo, or else the newest. */
function chosen(projects: Project[], id: string | undefined): Project | undefined {
  const find = (wanted: string | undefined) => projects.find((project) => project.id === wanted);
  return find(id) ?? find(DEMO_PROJECT) ?? projects.at(-1);
}

function FirstProject() {
  return (
    <Note title="No project yet">
      <p>A project has a board with tasks. Give the first one a name.</p>
      <NewProject />
    </Note>
  );
}
