import { COMMENT_MAX, type Comment, type Task } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { useAddComment } from "./changes.ts";
import { useComments } from "./queries.ts";
import { useNameOf } from "./session.ts";
import { TextForm } from "./TextForm.tsx";
import { Unsaved } from "./Unsaved.tsx";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function Comments({ task, isReadOnly }: { task: Task; isReadOnly: boolean }) {
  const { comments, unsaved, error } = useComments(task.id);
  const add = useAddComment(task);
  return (
    <section className="comments" aria-label="Comments">
      <h3>Comments</h3>
      {comments.length === 0 && error && (
        <p className="faint">The comments can't be shown. {error.message}</p>
      )}
      {comments.length > 0 && (
        <ol>
          {comments.map((comment) => (
            <One key={comment.id} comment={comment} isUnsaved={unsaved.has(comment.id)} />
          ))}
        </ol>
      )}
      <TextForm
        label="Write a comment"
        action="Send"
        maxLength={COMMENT_MAX}
        isReadOnly={isReadOnly}
        onText={(text) => add({ id: crypto.randomUUID(), text })}
      />
    </section>
  );
}

function One({ comment, isUnsaved }: { comment: Comment; isUnsaved: boolean }) {
  const { authorId, createdAt, text } = comment;
  const name = useNameOf()(authorId);
  return (
    <li>
      <Avatar userId={authorId} name={name} />
      <div>
        <p className="comment-head">
          <b>{name}</b>{" "}
          <time className="faint" dateTime={createdAt}>
            {TIME.format(new Date(createdAt))}
          </time>{" "}
          {isUnsaved && <Unsaved />}
        </p>
        <p>{text}</p>
      </div>
    </li>
  );
}
