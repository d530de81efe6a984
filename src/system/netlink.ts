import { type Libc, openLibc } from './libc.ts';
import { messagesOf } from './netlink-message.ts';

/** A conversation with the kernel's netfilter over netlink(7). Numbers are those of linux/netlink.h. */
export interface Netlink {
  /**
   * @param read what is made of each message of the answer
   * @returns undefined if the kernel answered with an error, not at all, or in the middle of a change
   */
  readonly ask: <T>(question: Buffer, read: (body: Buffer) => T) => T[] | undefined;
  readonly close: () => void;
}

export const flag = { request: 0x001, acknowledge: 0x004, interrupted: 0x010, dump: 0x300 } as const;

/** An answer longer than this many bytes is left to programs. */
const longest = 1 << 26;

const errorAnswer = 2;
const doneAnswer = 3;

/** @returns undefined where the kernel cannot be asked this way */
export function openNetlink(): Netlink | undefined {
  const library = openLibc();
  // AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER; an answer is waited for one second.
  const socket = library?.calls.socket(16, 0x80003, 12) ?? -1;
  if (library === undefined || socket < 0) {
    library?.release();
    return undefined;
  }
  const { calls, release } = library;
  const second = new Uint8Array(16);
  second[0] = 1;
  calls.setsockopt(socket, 1, 20, second, second.length);
  return {
    ask: (question, read) => ask(calls, socket, question, read),
    close: () => {
      calls.close(socket);
      release();
    },
  };
}

function ask<T>(library: Libc, socket: number, question: Buffer, read: (body: Buffer) => T): T[] | undefined {
  if (library.send(socket, question, question.length, 0) !== question.length) return undefined;
  const several = (question.readUInt16LE(6) & flag.dump) !== 0;
  const found: T[] = [];
  const buffer = Buffer.alloc(1 << 16);
  for (let total = 0; total < longest; ) {
    const length = library.recv(socket, buffer, buffer.length, 0);
    if (length <= 0) return undefined;
    total += length;
    for (const { type, flags, body } of messagesOf(buffer.subarray(0, length))) {
      if (type === doneAnswer) return found;
      // An acknowledgement is an error with the number 0.
      if (type === errorAnswer) return errorOf(buffer) === 0 ? found : undefined;
      if ((flags & flag.interrupted) !== 0) return undefined;
      found.push(read(body));
      if (!several) return found;
    }
  }
  return undefined;
}

/** The number comes right after the message's head, where other messages have nfnetlink's. */
function errorOf(answer: Buffer): number {
  return answer.readInt32LE(16);
}
