/** What a command that takes long shows on a terminal, on a line of its own that goes away. */
export interface Progress {
  readonly step: (doing: string) => void;
  readonly end: () => void;
}

/** Nothing is shown of what takes less time than this, in milliseconds. */
const quick = 1000;
/** And no oftener than this. */
const between = 100;

interface Screen {
  readonly isTTY?: boolean;
  readonly write: (text: string) => unknown;
}

/** @param stream stderr: stdout is for the result */
export function startProgress(
  stream: Screen = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const began = now();
  let last = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    step: (doing) => {
      const time = now();
      if (stream.isTTY !== true || time - began < quick || time - last < between) return;
      stream.write(`\r\u001b[K${doing} ...`);
      last = time;
      shown = true;
    },
    end: () => {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

/** Runs an action that reports its steps; the line is gone after it, also after an error. */
export async function withProgress<T>(action: (step: Progress['step']) => Promise<T>): Promise<T> {
  const progress = startProgress();
  try {
    return await action(progress.step);
  } finally {
    progress.end();
  }
}
