/** Does nothing for so many milliseconds: a hook has nothing else to do while it waits. */
export function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
