/*
 * Calls of the C library that Node.js does not offer and that would otherwise need a program each. bun offers them as
 * `bun:ffi`. Where it does not (dist/guestgate.mjs under Node.js, another C library), programs do the same.
 */

/** The functions, as in section 2 of the manual. Buffers are passed by address. */
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
  readonly getsockname: (socket: number, address: Uint8Array, length: Uint32Array) => number;
  readonly send: (socket: number, message: Uint8Array, length: number, flags: number) => number;
  readonly recv: (socket: number, buffer: Uint8Array, length: number, flags: number) => number;
  readonly close: (descriptor: number) => number;
}

/** The open library. */
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
  getsockname: { args: ['int', 'ptr', 'ptr'], returns: 'int' },
  send: { args: ['int', 'ptr', 'u64_fast', 'int'], returns: 'int' },
  recv: { args: ['int', 'ptr', 'u64_fast', 'int'], returns: 'int' },
  close: { args: ['int'], returns: 'int' },
};

/**
 * Opens the C library: 1 ms the first time, then 0.1 ms.
 *
 * @returns undefined if the C library cannot be called
 */
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

/** @returns the action's result; undefined if the C library cannot be called */
export function withLibc<T>(action: (libc: Libc) => T): T | undefined {
  const library = openLibc();
  if (library === undefined) return undefined;
  try {
    return action(library.calls);
  } finally {
    library.release();
  }
}
