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

/** Part of `bun:ffi` (https://bun.sh/docs/api/ffi). */
interface ForeignFunctions {
  readonly dlopen: (library: string, symbols: object) => { readonly symbols: Libc };
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

let loaded: Libc | undefined | null = null;

/** The C library, loaded at first use; undefined where it cannot be called. */
export function libc(): Libc | undefined {
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): Libc | undefined {
  if (process.versions['bun'] === undefined) return undefined;
  try {
    const builtin: (name: string) => unknown = process.getBuiltinModule;
    return (builtin('bun:ffi') as ForeignFunctions).dlopen('libc.so.6', symbols).symbols;
  } catch {
    return undefined;
  }
}
