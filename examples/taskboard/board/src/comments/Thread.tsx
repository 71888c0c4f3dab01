import { uuidv7 } from "@validiant/realtime/offline";
import { useRef, useState } from "react";
import type { Task, Unread } from "../../../shared/board.ts";
import { useEditComments, useMarkRead, useResolve } from "../changes.ts";
import { useNameOf, useSession } from "../session.ts";
import { CommentItem } from "./Comment.tsx";
import { CommentForm } from "./CommentForm.tsx";
import type { Conversation } from "./edits.ts";
import { useSeen } from "./seen.ts";

interface ThreadProps {
  task: Task;
  thread: Conversation;
  /** The ids of the comments that are not saved yet. */
  unsaved: ReadonlySet<string>;
  unread: Unread | undefined;
  /** The id of the comment in the address. */
  linked: string | undefined;
  isReadOnly: boolean;
}

/** A thread. One that is resolved is folded, unless there is something new in it, or a link leads into it. */
export function Thread({ task, thread, unsaved, unread, linked, isReadOnly }: ThreadProps) {
  const { id, comments, resolved } = thread;
  const { me } = useSession();
  const { isFolded, unfold } = useFolded(resolved !== null, unread !== undefined);
  const newFrom = useNewFrom(unread);
  const element = useRef<HTMLLIElement>(null);
  const lastSaved = comments.findLast((comment) => !unsaved.has(comment.id));
  const markRead = useMarkRead(task.projectId);
  useSeen(element, unread && lastSaved?.id, (commentId) => markRead({ threadId: id, commentId }));
  const isLinked = comments.some((comment) => comment.id === linked);
  if (isFolded && !isLinked)
    return (
      <li className="thread thread-folded">
        <Folded thread={thread} onShow={unfold} />
      </li>
    );
  const firstNew = comments.findIndex((comment) => comment.id === newFrom);
  return (
    <li className="thread" ref={element}>
      <ol>
        {comments.map((comment, place) => (
          <CommentItem
            key={comment.id}
            task={task}
            comment={comment}
            isUnsaved={unsaved.has(comment.id)}
            isNew={firstNew >= 0 && place >= firstNew && comment.authorId !== me.id}
            isLinked={comment.id === linked}
            isReadOnly={isReadOnly}
          />
        ))}
      </ol>
      {!isReadOnly && <Actions task={task} thread={thread} />}
    </li>
  );
}

/** What is read stays on the screen, until it is resolved again. */
function useFolded(isResolved: boolean, isUnread: boolean) {
  const [wasResolved, setWasResolved] = useState(isResolved);
  const [isShown, setShown] = useState(isUnread);
  if (wasResolved !== isResolved) {
    setWasResolved(isResolved);
    setShown(isUnread);
  } else if (isUnread && !isShown) setShown(true);
  return { isFolded: isResolved && !isShown, unfold: () => setShown(true) };
}

/** The first comment that was not read when the thread came on the screen. It stays marked while it is there. */
function useNewFrom(unread: Unread | undefined): string | undefined {
  const [firstId, setFirstId] = useState(unread?.firstId);
  if (unread && firstId === undefined) setFirstId(unread.firstId);
  return firstId;
}

function Folded({ thread, onShow }: { thread: Conversation; onShow: () => void }) {
  const nameOf = useNameOf();
  const count = thread.comments.filter(({ deletedAt }) => !deletedAt).length;
  return (
    <>
      <span className="faint">
        {nameOf(thread.resolved?.by)} resolved a thread with {count}{" "}
        {count === 1 ? "comment" : "comments"}
      </span>
      <button type="button" className="quiet" onClick={onShow}>
        Show
      </button>
    </>
  );
}

function Actions({ task, thread }: { task: Task; thread: Conversation }) {
  const { id, comments, resolved } = thread;
  const author = useNameOf()(comments[0]?.authorId);
  const edit = useEditComments(task);
  const resolve = useResolve(task);
  const [isReplying, setReplying] = useState(false);
  const reply = (text: string) =>
    edit({ kind: "add", comment: { id: uuidv7(), threadId: id, text } });
  if (isReplying)
    return (
      <CommentForm
        task={task}
        label={`Reply to ${author}`}
        action="Reply"
        isFirst
        onText={reply}
        onCancel={() => setReplying(false)}
      />
    );
  return (
    <div className="thread-actions">
      <button type="button" className="quiet small" onClick={() => setReplying(true)}>
        Reply<span className="hidden"> to {author}</span>
      </button>
      <button
        type="button"
        className="quiet small"
        onClick={() => resolve({ threadId: id, isResolved: !resolved })}
      >
        {resolved ? "Open again" : "Resolve"}
        <span className="hidden"> the thread of {author}</span>
      </button>
    </div>
  );
}
