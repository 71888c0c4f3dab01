/** Which object of a room this is, for the log. */

/** Stands before the place in the name of a leaf: `PLACE_BEGIN` in the core. */
const PLACE_BEGIN = "\u0001";

/**
 * @param {DurableObjectState} state
 * @returns {{ projectId: string | null, leaf?: number }}
 */
export function placeOf({ id }) {
  const [projectId = null, place] = id.name?.split(PLACE_BEGIN) ?? [];
  return place === undefined ? { projectId } : { projectId, leaf: Number.parseInt(place, 10) };
}
