/** The result of an event, for the log and the exit code. */
export interface Outcome {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  /** The guest must not start: its policy says so. */
  readonly refuse?: boolean;
}

export const noRules: Outcome = { level: 'debug', message: 'no rules in place' };
