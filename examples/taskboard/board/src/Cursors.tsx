import { avatarOf } from "@validiant/realtime";
import { useCursors } from "@validiant/realtime/react";
import type { RefObject } from "react";

interface CursorsProps {
  projectId: string;
  /** Where this is: see places.ts. */
  at: string;
  /** What the positions are fractions of. It is positioned, and this is in it. */
  stage: RefObject<HTMLElement | null>;
}

/** The cursors of the others who are at the same place. Screen readers are told where people are instead. */
export function Cursors({ projectId, at, stage }: CursorsProps) {
  const { cursors } = useCursors({ at, ref: stage }, projectId);
  return (
    <div className="cursors" aria-hidden="true">
      {cursors.map(({ connectionId, user, ref }) => {
        const { background, color } = avatarOf(user);
        const [firstName] = (user.userName ?? user.userId).split(" ");
        return (
          <span key={connectionId} ref={ref} className="cursor">
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M1 1l5 13 2-6 6-2z" fill={background} stroke="#fff" />
            </svg>
            <span className="cursor-name" style={{ background, color }}>
              {firstName}
            </span>
          </span>
        );
      })}
    </div>
  );
}
