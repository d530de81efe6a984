/**
 * One action after the other. The parts of the watcher run side by side, and waiting for the lock stops all of this process: a
 * second part that took it while the first one holds it would wait in vain.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** @throws what the action throws: the next one is run all the same */
  async take<T>(action: () => T | Promise<T>): Promise<T> {
    const mine = this.last.then(action);
    this.last = mine.catch(() => {});
    return mine;
  }
}
