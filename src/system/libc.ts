/*
 * A few calls of the C library that Node does not offer, and that would cost the start of a program each. bun brings
 * them with it; where it does not (dist/guestgate.mjs under Node, another C library), programs do the same.
 */

/** What is called, as `man 2` says. Buffers are passed by address. */
export interface Libc {
  readonly flock: (descriptor: number, operation: number) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly setsockopt: (
    socket: number,
    level: number,
    option: number,
    value: Uint8Array,
    length: number,
  ) => number;
  readonly connect: (socket: number, address: Uint8Array, length: number) => number;
  readonly send: (socket: number, message: Uint8Array, length: number, flags: number) => number;
  readonly recv: (socket: number, buffer: Uint8Array, length: number, flags: number) => number;
  readonly close: (descriptor: number) => number;
}

/** The library as long as it is open. */
export interface OpenLibc {
  readonly calls: Libc;
  readonly release: () => void;
}

/** Part of `bun:ffi` (https://bun.sh/docs/api/ffi). */
interface ForeignFunctions {
  readonly dlopen: (
    library: string,
    symbols: object,
  ) => { readonly symbols: Libc; readonly close: () => void };
}

const symbols = {
  flock: { args: ['int', 'int'], returns: 'int' },
  socket: { args: ['int', 'int', 'int'], returns: 'int' },
  setsockopt: { args: ['int', 'int', 'int', 'ptr', 'u32'], returns: 'int' },
  connect: { args: ['int', 'ptr', 'u32'], returns: 'int' },
  send: { args: ['int', 'ptr', 'u64_fast', 'int'], returns: 'int' },
  recv: { args: ['int', 'ptr', 'u64_fast', 'int'], returns: 'int' },
  close: { args: ['int'], returns: 'int' },
};

/** @returns undefined where the C library cannot be called. Opening it costs 0.1 ms, the first time 1 ms. */
export function openLibc(): OpenLibc | undefined {
  if (process.versions['bun'] === undefined) return undefined;
  try {
    const builtin: (name: string) => unknown = process.getBuiltinModule;
    const library = (builtin('bun:ffi') as ForeignFunctions).dlopen('libc.so.6', symbols);
    return { calls: library.symbols, release: () => library.close() };
  } catch {
    return undefined;
  }
}

/** @returns what the action returns; undefined where the C library cannot be called */
export function withLibc<T>(action: (libc: Libc) => T): T | undefined {
  const library = openLibc();
  if (library === undefined) return undefined;
  try {
    return action(library.calls);
  } finally {
    library.release();
  }
}
