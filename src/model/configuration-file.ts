import type { Problem } from './problem.ts';

/** A configuration file as it was found: its text, or why it may not be read. */
export interface ConfigurationFile {
  readonly path: string;
  readonly text?: string;
  readonly refused?: Problem;
}
