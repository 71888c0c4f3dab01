import type { Comment, Task } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { useAddComment } from "./changes.ts";
import { useComments } from "./queries.ts";
import { useNameOf } from "./session.ts";
import { TextForm } from "./TextForm.tsx";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function Comments({ task }: { task: Task }) {
  const { data: comments = [], error } = useComments(task.id);
  const { mutate } = useAddComment(task);
  return (
    <section className="comments" aria-label="Comments">
      <h3>Comments</h3>
      {comments.length === 0 && error && (
        <p className="faint">They can't be shown. {error.message}</p>
      )}
      {comments.length > 0 && (
        <ol>
          {comments.map((comment) => (
            <One key={comment.id} comment={comment} />
          ))}
        </ol>
      )}
      <TextForm
        label="Write a comment"
        action="Send"
        maxLength={2_000}
        onText={(text) => mutate({ id: crypto.randomUUID(), text })}
      />
    </section>
  );
}

function One({ comment: { authorId, createdAt, text } }: { comment: Comment }) {
  const name = useNameOf()(authorId);
  return (
    <li>
      <Avatar userId={authorId} name={name} />
      <div>
        <p className="comment-head">
          <b>{name}</b>{" "}
          <time className="faint" dateTime={createdAt}>
            {TIME.format(new Date(createdAt))}
          </time>
        </p>
        <p>{text}</p>
      </div>
    </li>
  );
}
