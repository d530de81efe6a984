/** From this number of guests on, what was read of them is worth the time. */
const many = 500;

/**
 * Gives back what a large step of a command has left, before the next one. JavaScriptCore lets garbage grow with the memory of the
 * machine: with thousands of guests to several times what is in use. Under Node.js nothing happens.
 *
 * @param guests how many guests the step was about
 */
export function releaseMemory(guests: number): void {
  if (guests >= many) (globalThis as { Bun?: { gc: (force: boolean) => void } }).Bun?.gc(true);
}
