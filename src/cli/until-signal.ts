/** Aborted by the first Ctrl-C, or a service manager: the command ends with what it is doing, and exits with 0. */
export function untilSignal(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  return ending.signal;
}
