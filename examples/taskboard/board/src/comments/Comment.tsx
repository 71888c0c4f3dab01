import { useState } from "react";
import type { Comment, Task } from "../../../shared/board.ts";
import { partsOf, toWritten } from "../../../shared/mentions.ts";
import { Avatar } from "../Avatar.tsx";
import { useEditComments } from "../changes.ts";
import { goTo, hrefTo } from "../route.ts";
import { useNameOf, useSession } from "../session.ts";
import { Unsaved } from "../Unsaved.tsx";
import { CommentForm } from "./CommentForm.tsx";
import { ReactionPicker, Reactions } from "./Reactions.tsx";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** The id by which the element of a comment is found. */
export const commentElementId = (commentId: string) => `comment-${commentId}`;

interface CommentItemProps {
  task: Task;
  comment: Comment;
  isUnsaved: boolean;
  /** Whether the user had not read it when it came on the screen. */
  isNew: boolean;
  /** Whether the address leads to it. */
  isLinked: boolean;
  isReadOnly: boolean;
}

/** A comment. Of one that was deleted only its place is left, so that the answers to it can be understood. */
export function CommentItem(props: CommentItemProps) {
  const { comment, isLinked } = props;
  const { id, authorId, deletedAt } = comment;
  const name = useNameOf()(authorId);
  return (
    <li
      id={commentElementId(id)}
      className={`comment${isLinked ? " comment-linked" : ""}`}
      tabIndex={-1}
    >
      <Avatar userId={authorId} name={name} />
      <div className="comment-main">
        {deletedAt ? (
          <p className="faint">{name} deleted this comment.</p>
        ) : (
          <Living {...props} name={name} />
        )}
      </div>
    </li>
  );
}

function Living(props: CommentItemProps & { name: string }) {
  const { task, comment, isReadOnly, name } = props;
  const { users } = useSession().config;
  const edit = useEditComments(task);
  const [isEditing, setEditing] = useState(false);
  const stop = () => {
    setEditing(false);
    focusComment(comment.id);
  };
  return (
    <>
      <Head {...props} />
      {isEditing && !isReadOnly ? (
        <CommentForm
          task={task}
          label={`Edit the comment of ${name}`}
          action="Save"
          text={toWritten(comment.text, users)}
          isFirst
          onText={(text) => {
            if (text !== comment.text) edit({ kind: "edit", comment, text });
          }}
          onCancel={stop}
        />
      ) : (
        <p>
          <Text text={comment.text} />
        </p>
      )}
      <div className="comment-actions">
        <Reactions task={task} comment={comment} isReadOnly={isReadOnly} />
        {!isReadOnly && !isEditing && (
          <Actions task={task} comment={comment} onEdit={() => setEditing(true)} />
        )}
      </div>
    </>
  );
}

/** Who wrote it and when. The time is a link to the comment. */
function Head({ task, comment, isUnsaved, isNew, name }: CommentItemProps & { name: string }) {
  const { id, createdAt, editedAt } = comment;
  const to = { task: task.id, comment: id };
  return (
    <p className="comment-head">
      <b>{name}</b>{" "}
      <a
        className="faint"
        href={hrefTo(to)}
        title="Link to this comment"
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          goTo(to);
        }}
      >
        <time dateTime={createdAt}>{TIME.format(new Date(createdAt))}</time>
      </a>{" "}
      {editedAt && (
        <span className="faint" title={TIME.format(new Date(editedAt))}>
          edited
        </span>
      )}{" "}
      {isNew && <span className="unread">New</span>} {isUnsaved && <Unsaved />}
    </p>
  );
}

/** The text of a comment, with the names of those whom it mentions. */
function Text({ text }: { text: string }) {
  const { me, config } = useSession();
  const nameOf = useNameOf();
  return partsOf(text, config.users).map((part, place) => {
    if ("text" in part) return part.text;
    const { userId } = part;
    return (
      <span key={place} className={userId === me.id ? "mention mention-me" : "mention"}>
        @{nameOf(userId)}
      </span>
    );
  });
}

interface ActionsProps {
  task: Task;
  comment: Comment;
  onEdit: () => void;
}

function Actions({ task, comment, onEdit }: ActionsProps) {
  const { me } = useSession();
  return (
    <>
      <ReactionPicker task={task} comment={comment} />
      {comment.authorId === me.id && (
        <>
          <button type="button" className="quiet small" onClick={onEdit}>
            Edit
          </button>
          <Delete task={task} comment={comment} />
        </>
      )}
    </>
  );
}

/** A deleted text is gone, so the button asks once more. */
function Delete({ task, comment }: { task: Task; comment: Comment }) {
  const edit = useEditComments(task);
  const [isSure, setSure] = useState(false);
  const press = () => {
    if (!isSure) return setSure(true);
    focusComment(comment.id);
    edit({ kind: "delete", comment });
  };
  return (
    <button
      type="button"
      className={`quiet small${isSure ? " sure" : ""}`}
      onClick={press}
      onBlur={() => setSure(false)}
    >
      {isSure ? "Delete for good" : "Delete"}
    </button>
  );
}

/** What had the focus is about to go. */
function focusComment(commentId: string): void {
  document.getElementById(commentElementId(commentId))?.focus({ preventScroll: true });
}
