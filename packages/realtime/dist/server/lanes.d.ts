/** Work in order: what is for one project is done one after the other, the projects side by side. */
export declare class Lanes {
    #private;
    /** How much is under way or waits. */
    get size(): number;
    /** Does `work` after all that is there for these projects. */
    run<T>(projectIds: readonly string[], work: () => Promise<T>): Promise<T>;
    /** Resolves when nothing is left, what comes meanwhile included. */
    empty(): Promise<void>;
}
