/** Who is in a project, kept up to date from what the server says. */
export const NOBODY = { users: [], activeUsers: 0 };
/** The roster after a frame: the same object if the frame changes nothing of it. */
export function rosterAfter(roster, { type, payload, timestamp = 0 }) {
    switch (type) {
        case "CONNECTED":
        case "PRESENCE":
            return told(roster, payload);
        case "USER_JOINED":
            return joined(roster, payload, timestamp);
        case "USER_LEFT":
            return left(roster, payload.userId);
        default:
            return roster;
    }
}
function told(roster, { users, activeUsers }) {
    // After a short break mostly the same are here: the same list then, and nothing is drawn anew.
    const same = !users || JSON.stringify(users) === JSON.stringify(roster.users);
    if (same && activeUsers === roster.activeUsers)
        return roster;
    return { users: same ? roster.users : users, activeUsers };
}
function joined({ users, activeUsers }, { userId, userName, avatar }, joinedAt) {
    // A server verifies everybody or nobody, so one that is here already tells.
    const verified = users[0]?.verified ?? false;
    const user = { userId, userName, ...(avatar && { avatar }), joinedAt, verified };
    const others = users.filter((other) => other.userId !== userId);
    const isNew = others.length === users.length;
    return { users: [...others, user], activeUsers: activeUsers + Number(isNew) };
}
function left(roster, userId) {
    const users = roster.users.filter((user) => user.userId !== userId);
    if (users.length === roster.users.length)
        return roster;
    return { users, activeUsers: roster.activeUsers - 1 };
}
