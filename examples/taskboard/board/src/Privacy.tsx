/** The lock of a private project: that it is encrypted, what that means, and who its members are. */

import { useQueryClient } from "@tanstack/react-query";
import type { EncryptionState } from "@validiant/realtime";
import { useProjectRealtime } from "@validiant/realtime/react";
import { useState } from "react";
import type { Project, User } from "../../shared/board.ts";
import { Avatar } from "./Avatar.tsx";
import { keys } from "./keys.ts";
import { Modal } from "./Modal.tsx";
import { useSession } from "./session.ts";

const IN_SHORT = "The realtime server passes on what is said here, and can't read it.";

/** Shows nothing in a project that everybody sees. */
export function Privacy({ project }: { project: Project }) {
  const { encryption } = useProjectRealtime(project.id);
  const [isOpen, setOpen] = useState(false);
  if (!project.members) return null;
  return (
    <>
      <button type="button" className="lock" title={IN_SHORT} onClick={() => setOpen(true)}>
        <Padlock />
        {inWords(encryption)}
      </button>
      {isOpen && (
        <PrivacyDialog
          project={project}
          members={project.members}
          encryption={encryption}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function inWords(encryption: EncryptionState | null): string {
  return encryption ? `Encrypted, epoch ${encryption.epoch}` : "Waiting for the key";
}

function Padlock() {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path
        d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2h.5a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 12 15H4a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 4 7zM6 7h4V5a2 2 0 0 0-4 0z"
        fill="currentColor"
      />
    </svg>
  );
}

interface PrivacyDialogProps {
  project: Project;
  members: string[];
  encryption: EncryptionState | null;
  onClose: () => void;
}

function PrivacyDialog({ project, members, encryption, onClose }: PrivacyDialogProps) {
  const { config } = useSession();
  return (
    <Modal title="Encrypted from end to end" onClose={onClose}>
      <div className="privacy">
        <p>
          What happens, descriptions, who is typing, and where everybody points: all of that leaves
          this device encrypted. {IN_SHORT} It sees who is connected, when, and how much is said.
          Titles and comments are kept by the app itself.
        </p>
        <p>
          Only members get the keys. <Epoch encryption={encryption} /> When somebody is removed, a
          new epoch begins, with a key that they never had.
        </p>
        <h3>Members</h3>
        <ul className="privacy-members">
          {config.users.map((user) => (
            <Member
              key={user.id}
              project={project}
              user={user}
              isMember={members.includes(user.id)}
            />
          ))}
        </ul>
      </div>
    </Modal>
  );
}

function Epoch({ encryption }: { encryption: EncryptionState | null }) {
  if (!encryption) return <>This device does not have the newest one yet.</>;
  return (
    <>
      The one in use is that of <b>epoch {encryption.epoch}</b>.
    </>
  );
}

interface MemberProps {
  project: Project;
  user: User;
  isMember: boolean;
}

/** Adds or removes a user. That needs the realtime server, so it does not wait for a network. */
function Member({ project, user, isMember }: MemberProps) {
  const { api } = useSession();
  const queryClient = useQueryClient();
  const [state, setState] = useState<{ isBusy: boolean; problem?: string }>({ isBusy: false });
  const click = async () => {
    setState({ isBusy: true });
    const problem = await api
      .setMember(project.id, user.id, !isMember)
      .catch(({ message }: Error) => message);
    setState({ isBusy: false, ...(problem && { problem }) });
    await queryClient.invalidateQueries({ queryKey: keys.projects });
  };
  return (
    <li>
      <Avatar userId={user.id} name={user.name} />
      <span>
        {user.name}
        <span className="faint" role="status">
          {state.problem}
        </span>
      </span>
      <button
        type="button"
        className="quiet"
        aria-label={`${isMember ? "Remove" : "Add"} ${user.name}`}
        disabled={state.isBusy}
        onClick={click}
      >
        {isMember ? "Remove" : "Add"}
      </button>
    </li>
  );
}
