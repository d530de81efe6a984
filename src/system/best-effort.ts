/**
 * Runs an action that may fail: a full or read-only state folder must not keep a guest's ports open.
 * Where it matters, a later action fails too, and reports it.
 */
export function bestEffort<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
