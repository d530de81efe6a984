/**
 * Does what may fail without harm: a state folder that is full or read-only must not keep a guest's ports open.
 * Where it matters, what follows fails too, and is told.
 */
export function bestEffort<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
