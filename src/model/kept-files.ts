import { paths } from './paths.ts';

const pending = `${paths.kept}/pending`;

/** What survives a reboot, beside the manifest of `guestgate install`. docs/reference/files.md has what each holds. */
export const keptFiles = {
  applied: `${paths.kept}/applied.json`,
  /** The folder is there while a change waits for its confirmation, or is rolled back. */
  pending,
  waiting: `${pending}/waiting.json`,
  restored: `${pending}/restored.json`,
  candidate: `${pending}/candidate.json`,
  /** What a rescue put aside: the first file brings it back, the others are to be read. */
  rescue: `${paths.kept}/rescue`,
  saved: `${paths.kept}/rescue/saved.json`,
} as const;
