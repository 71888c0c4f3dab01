import { useEffect, useState } from "react";
import { useSession } from "../session.ts";
import { useText } from "./text.ts";
import { type ChangedText, forgetText, noteText } from "./unsaved.ts";

const ASK_AGAIN_MS = 5_000;

interface UnsavedTextProps {
  text: ChangedText;
  /** Whether its task is open: then it is going to change again. */
  isOpen: boolean;
}

/** Keeps a changed text open until it is saved, and until the API has read it. Shows nothing. */
export function UnsavedText({ text, isOpen }: UnsavedTextProps) {
  const { me, api } = useSession();
  const { isSaved, mayWrite } = useText(text, "");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => noteText(me.id, text, isSaved), [me, text, isSaved]);
  useEffect(() => {
    if (isOpen || !(isSaved || !mayWrite)) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    void api.readText(text.id).then((isDone) => {
      if (isDone) forgetText(me.id, text.id);
      else if (!isOver) timer = setTimeout(() => setAttempt(attempt + 1), ASK_AGAIN_MS);
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isOpen, isSaved, mayWrite, attempt]);
  return null;
}
