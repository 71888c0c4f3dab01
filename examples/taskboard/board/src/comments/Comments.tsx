import { uuidv7 } from "@validiant/realtime/offline";
import { useProjectEvent, useTyping } from "@validiant/realtime/react";
import { useEffect } from "react";
import type { Task } from "../../../shared/board.ts";
import { useEditComments } from "../changes.ts";
import { sentence } from "../lists.ts";
import { useOpenDialog } from "../Modal.tsx";
import { commentsOn } from "../places.ts";
import { useThreads, useUnread } from "../queries.ts";
import { useRoute } from "../route.ts";
import { commentElementId } from "./Comment.tsx";
import { CommentForm } from "./CommentForm.tsx";
import type { Conversation } from "./edits.ts";
import { Thread } from "./Thread.tsx";

/** The threads of comments on a task. */
export function Comments({ task, isReadOnly }: { task: Task; isReadOnly: boolean }) {
  const { conversations, unsaved, error } = useThreads(task.id);
  const unread = useUnread(task.projectId);
  const edit = useEditComments(task);
  const linked = useLinked(conversations);
  const add = (text: string) => {
    const id = uuidv7();
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
      <CommentForm
        task={task}
        label="Write a comment"
        action="Send"
        isReadOnly={isReadOnly}
        onText={add}
      />
      <Typists task={task} />
    </section>
  );
}

/** Who else is writing a comment. Whoever has sent it is not any more. */
function Typists({ task: { id, projectId } }: { task: Task }) {
  const { typists, clear } = useTyping(commentsOn(id), projectId);
  useProjectEvent(
    "COMMENT_ADDED",
    ({ payload }) => {
      if (payload.taskId === id && payload.actorId) clear(payload.actorId);
    },
    projectId,
  );
  const names = typists.map(({ userId, userName }) => userName ?? userId);
  return <output className="typing">{names.length > 0 && `${sentence(names, "typing")}…`}</output>;
}

/** The comment in the address. Once it is there and the dialog, which takes the focus, is open, it gets the focus. */
function useLinked(conversations: readonly Conversation[]): string | undefined {
  const { comment } = useRoute();
  const isOpen = useOpenDialog() !== null;
  const isThere = conversations.some(({ comments }) => comments.some(({ id }) => id === comment));
  useEffect(() => {
    if (!comment || !isThere || !isOpen) return;
    const element = document.getElementById(commentElementId(comment));
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "center" });
  }, [comment, isThere, isOpen]);
  return comment;
}
