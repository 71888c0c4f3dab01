/**
 * Removes the names of functions from a WebAssembly file: a fifth of its size, and only useful to a debugger.
 *
 * wasm-bindgen needs them, so this comes last.
 */

const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;

/**
 * @param {Uint8Array} wasm
 * @returns {Uint8Array} the same without its "name" section
 */
export function withoutNames(wasm) {
  const kept = [wasm.subarray(0, HEADER_BYTES)];
  for (let start = HEADER_BYTES; start < wasm.length; ) {
    const [size, body] = readUnsigned(wasm, start + 1);
    const end = body + size;
    if (wasm[start] !== CUSTOM_SECTION || sectionName(wasm, body) !== "name") {
      kept.push(wasm.subarray(start, end));
    }
    start = end;
  }
  return Buffer.concat(kept);
}

/** @param {Uint8Array} wasm @param {number} at */
function sectionName(wasm, at) {
  const [length, start] = readUnsigned(wasm, at);
  return Buffer.from(wasm.subarray(start, start + length)).toString();
}

/**
 * Reads a number in LEB128.
 * @param {Uint8Array} wasm
 * @param {number} at
 * @returns {[number, number]} the number, and where it ends
 */
function readUnsigned(wasm, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}
