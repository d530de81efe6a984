// Puts Xen's own vif scripts and the programs of xenstore into .cache/xen/scripts.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, once, unpack } from './debian.mjs';

once(join(cache, 'scripts'), (target) => {
  const work = `${target}.${process.pid}`;
  try {
    unpack(['xen-utils-common', 'xenstore-utils', 'libxenstore4', 'libxentoolcore1'], work);
    renameSync(work, target);
  } catch (error) {
    if (!existsSync(target)) throw error; // another process has made it meanwhile
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
