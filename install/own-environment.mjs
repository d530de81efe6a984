// Takes from a compiled program what bun reads from the environment. Used by compile.mjs.
//
// Bun's runtime obeys variables that load code into every program compiled with it: BUN_OPTIONS=--preload=FILE,
// BUN_INSPECT_PRELOAD, BUN_BE_BUN=1 (https://bun.sh/docs/bundler/executables). With `sudo -E` that is code as root,
// before any line of ours runs, and bun has no build option against it. The runtime asks getenv(3) for names that
// stand in its read-only data, each ended by a zero byte; a name that begins with one is empty, and an empty name is
// never found.

/** Names of variables, as getenv(3) gets them. */
const names = /\0(?=(?:BUN|NODE)_[A-Z0-9_]+\0)/g;
/** A program without these is not the one that this file knows. */
const expected = [
  'BUN_OPTIONS',
  'BUN_BE_BUN',
  'BUN_INSPECT',
  'BUN_INSPECT_PRELOAD',
  'BUN_INSPECT_CONNECT_TO',
];

/**
 * Empties the names of bun's environment variables in an executable. `data` is changed in place.
 * @param {Buffer} data The executable: bun's runtime, then the program.
 * @param {number} runtime The length of the runtime, in bytes: what comes after it is left alone.
 * @returns {string[]} The names that it no longer reads.
 * @throws {Error} If a variable that loads code was not found: a new version of bun.
 */
export function withoutEnvironment(data, runtime) {
  const found = [];
  for (const { index } of data.toString('latin1', 0, runtime).matchAll(names)) {
    const start = index + 1;
    found.push(data.toString('latin1', start, data.indexOf(0, start)));
    data[start] = 0;
  }
  const missing = expected.filter((name) => !found.includes(name));
  if (missing.length > 0)
    throw new Error(
      `building the executable: bun's runtime has no variable ${missing.join(', ')} any more: find out how it reads its environment now, and change install/own-environment.mjs`,
    );
  return found;
}
