/** The names of the events that are known, for those who do not like to write them out. */
/** `BroadcastEvent.TASK_CREATED` is `"TASK_CREATED"`. An app's own events need no entry here. */
export declare const BroadcastEvent: {
    readonly TASK_CREATED: "TASK_CREATED";
    readonly TASK_UPDATED: "TASK_UPDATED";
    readonly TASK_STATUS_CHANGED: "TASK_STATUS_CHANGED";
    readonly TASK_DELETED: "TASK_DELETED";
    readonly TASK_ASSIGNED: "TASK_ASSIGNED";
    readonly PROJECT_UPDATED: "PROJECT_UPDATED";
    readonly PROJECT_DELETED: "PROJECT_DELETED";
    readonly MEMBER_ADDED: "MEMBER_ADDED";
    readonly MEMBER_UPDATED: "MEMBER_UPDATED";
    readonly MEMBER_REMOVED: "MEMBER_REMOVED";
};
/** The name of an event that is known. */
export type BroadcastEvent = (typeof BroadcastEvent)[keyof typeof BroadcastEvent];
