/** Handlers for an event that nobody has declared. What the compiler says of it is tested. */

import { connectProject } from "@validiant/realtime";
import { typedHooks, useProjectEvent } from "@validiant/realtime/react";

const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
project.on("COMMENT_EDITED", () => {});

export function useEdits(): void {
  const hooks = typedHooks<{ COMMENT_ADDED: object }>();
  useProjectEvent("COMMENT_EDITED", () => {});
  hooks.useProjectEvent("COMMENT_EDITED", () => {});
}
