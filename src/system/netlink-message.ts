/*
 * Netlink's messages (RFC 3549, linux/netlink.h): a header in the host's byte order, the header of nfnetlink, and
 * attributes of length, type and value, padded to four bytes. The hosts that we are built for are little endian.
 */

export interface Attribute {
  readonly type: number;
  readonly value: Buffer;
}

/** A message of the netfilter subsystem. */
export function message(type: number, flags: number, family: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([family, 0, 0, 0]), ...parts]);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  return Buffer.concat([head, body]);
}

/** An attribute whose value is a text that ends with a zero. */
export function text(type: number, value: string): Buffer {
  return raw(type, Buffer.from(`${value}\0`, 'utf8'));
}

/** An attribute whose value is a number of 32 bits in network byte order. */
export function number32(type: number, value: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(value >>> 0);
  return raw(type, number);
}

/** An attribute whose value is attributes. */
export function nested(type: number, value: Buffer): Buffer {
  return raw(type | 0x8000, value);
}

/** An attribute. */
export function raw(type: number, value: Buffer): Buffer {
  const part = Buffer.alloc(4 + padded(value.length));
  part.writeUInt16LE(4 + value.length, 0);
  part.writeUInt16LE(type, 2);
  value.copy(part, 4);
  return part;
}

/** The messages that came in one piece; the body begins with the attributes. */
export function* messagesOf(piece: Buffer): Generator<{ type: number; flags: number; body: Buffer }> {
  for (let at = 0; at + 16 <= piece.length; ) {
    const length = piece.readUInt32LE(at);
    if (length < 16 || at + length > piece.length) return;
    yield {
      type: piece.readUInt16LE(at + 4),
      flags: piece.readUInt16LE(at + 6),
      body: piece.subarray(Math.min(at + 20, at + length), at + length),
    };
    at += padded(length);
  }
}

/** The attributes of a message or of a nested attribute, in their order. */
export function* walk(body: Buffer): Generator<Attribute> {
  for (let at = 0; at + 4 <= body.length; ) {
    const length = body.readUInt16LE(at);
    if (length < 4 || at + length > body.length) return;
    // The two highest bits say "nested" and "network byte order".
    yield { type: body.readUInt16LE(at + 2) & 0x3fff, value: body.subarray(at + 4, at + length) };
    at += padded(length);
  }
}

/** The same by type; none of nothing. */
export function attributes(body: Buffer | undefined): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  if (body !== undefined) for (const { type, value } of walk(body)) found.set(type, value);
  return found;
}

/** A number in network byte order; nf_tables' handles have eight bytes, and stay far below 2^53. */
export function number(value: Buffer | undefined): number {
  if (value === undefined) return 0;
  return value.length === 8 ? Number(value.readBigUInt64BE(0)) : value.readUInt32BE(0);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
