/** A page to render into. To be imported before `react-dom`. */

import { Window } from "happy-dom";

const { document } = new Window();
Object.assign(globalThis, { document, window: globalThis, IS_REACT_ACT_ENVIRONMENT: true });
