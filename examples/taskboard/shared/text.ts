/** The description of a task as a shared text: a document of the realtime server, which has the id of the task. */

/** The name of the text in its document. */
export const TEXT_NAME = "description";
