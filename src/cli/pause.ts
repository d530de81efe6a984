/** Waits, and less if a signal ends the command meanwhile. @param time in milliseconds */
export function pause(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, time);
    signal.addEventListener('abort', end);
  });
}

/** Aborted by the first Ctrl-C, or a service manager: the command ends with what it is doing, and exits with 0. */
export function untilSignal(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  return ending.signal;
}
