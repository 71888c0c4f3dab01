/** Frames as they come. */
/** The events in the text of a frame, which has one or, of `frames=batch`, a list. None if it is none of ours. */
export function framesIn(text) {
    try {
        const parsed = JSON.parse(text);
        return (Array.isArray(parsed) ? parsed : [parsed]).filter(isFrame);
    }
    catch {
        return [];
    }
}
function isFrame(value) {
    return typeof value?.type === "string";
}
