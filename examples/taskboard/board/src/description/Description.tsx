import type { Task } from "../../../shared/board.ts";
import { Copy } from "./Copy.tsx";
import { useTextModule } from "./lazily.ts";

interface DescriptionProps {
  task: Task;
  isReadOnly: boolean;
}

/** The description of a task, which several people can write at the same time. */
export function Description({ task, isReadOnly }: DescriptionProps) {
  const module = useTextModule(true);
  if (!module) return <Copy text={task.description} />;
  return <module.SharedText task={task} isReadOnly={isReadOnly} />;
}
