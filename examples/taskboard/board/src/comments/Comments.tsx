import { useEffect } from "react";
import type { Task } from "../../../shared/board.ts";
import { useEditComments } from "../changes.ts";
import { useThreads, useUnread } from "../queries.ts";
import { useRoute } from "../route.ts";
import { commentElementId } from "./Comment.tsx";
import { CommentForm } from "./CommentForm.tsx";
import { Thread } from "./Thread.tsx";

/** The threads of comments on a task. */
export function Comments({ task, isReadOnly }: { task: Task; isReadOnly: boolean }) {
  const { conversations, unsaved, error } = useThreads(task.id);
  const unread = useUnread(task.projectId);
  const edit = useEditComments(task);
  const linked = useLinked(conversations.length > 0);
  const add = (text: string) => {
    const id = crypto.randomUUID();
    edit({ kind: "add", comment: { id, threadId: id, text } });
  };
  return (
    <section className="comments" aria-label="Comments">
      <h3>Comments</h3>
      {conversations.length === 0 && error && (
        <p className="faint">The comments can't be shown. {error.message}</p>
      )}
      {conversations.length > 0 && (
        <ul className="threads">
          {conversations.map((thread) => (
            <Thread
              key={thread.id}
              task={task}
              thread={thread}
              unsaved={unsaved}
              unread={unread.find(({ threadId }) => threadId === thread.id)}
              linked={linked}
              isReadOnly={isReadOnly}
            />
          ))}
        </ul>
      )}
      <CommentForm label="Write a comment" action="Send" isReadOnly={isReadOnly} onText={add} />
    </section>
  );
}

/** The comment in the address. Once the comments are there, it gets the focus. */
function useLinked(areThere: boolean): string | undefined {
  const { comment } = useRoute();
  useEffect(() => {
    if (!comment || !areThere) return;
    const element = document.getElementById(commentElementId(comment));
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "center" });
  }, [comment, areThere]);
  return comment;
}
