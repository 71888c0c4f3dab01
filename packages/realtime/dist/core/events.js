/** What a project is told: the names of events, their payloads, and the frames that carry them. */
export {};
