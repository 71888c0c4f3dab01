import { uuidv7 } from "@validiant/realtime/offline";
import { useAddProject } from "./changes.ts";
import { TextForm } from "./TextForm.tsx";

export function NewProject({ onDone }: { onDone?: () => void }) {
  const add = useAddProject();
  const create = (name: string) => {
    add({ id: uuidv7(), name, members: null });
    onDone?.();
  };
  return <TextForm label="Project name" action="Create" isFirst onText={create} />;
}
