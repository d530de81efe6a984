/** What failed or was skipped, and the first lines of why. */
export interface Note {
  readonly where: string;
  readonly lines: readonly string[];
}

export interface Result {
  readonly passed: number;
  readonly failed: readonly Note[];
  readonly skipped: readonly Note[];
}

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly error?: string;
  readonly output: string;
}

export function resultOfVitest(step: string, report: string, ended: Ended): Result;
export function resultOfCommand(step: string, ended: Ended): Result;
