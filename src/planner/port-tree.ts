import type { PortRange } from '../model/port.ts';

/** A value with the one it belongs to, and its place in the order in which values were added. */
export interface Entry<Value> {
  readonly value: Value;
  readonly owner: string;
  readonly order: number;
}

/** The first entry of all, and the first of another owner than that one's: enough to leave any owner out. */
type Firsts<Value> = readonly [Entry<Value>, Entry<Value>?];

interface Node<Value> {
  /** Of the ranges that have a port in common with this node. */
  readonly touching: Firsts<Value> | undefined;
  /** Of those that contain all of it. */
  readonly covering: Firsts<Value> | undefined;
}

/** A node has this many below it, four levels of them for the ports from 0 to 65535. */
const branches = 16;

/** So many ranges are compared one by one sooner than a tree of them is made: most guests have fewer. */
const fewRanges = 48;

/**
 * Ranges of ports, any of which may overlap. To add one, and to find the first that overlaps a given one, takes a bounded
 * number of steps however many there are.
 */
export class PortTree<Value> {
  /** In the order in which they were added, until they are more than a few: all of them are in the nodes then. */
  private few: { readonly ports: PortRange; readonly entry: Entry<Value> }[] = [];
  private readonly nodes = new Map<number, Node<Value>>();

  add(ports: PortRange, entry: Entry<Value>): void {
    if (this.nodes.size === 0 && this.few.length < fewRanges) {
      this.few.push({ ports, entry });
      return;
    }
    for (const early of this.few) this.addBelow(1, 0, 0x10000, early.ports, early.entry);
    this.few = [];
    this.addBelow(1, 0, 0x10000, ports, entry);
  }

  /** The first added range with a port in common. @param except the owner whose ranges do not count */
  find(ports: PortRange, except: string | undefined): Entry<Value> | undefined {
    for (const { ports: own, entry } of this.few)
      if (own.first <= ports.last && ports.first <= own.last && entry.owner !== except) return entry;
    return this.findBelow(1, 0, 0x10000, ports, except);
  }

  private addBelow(key: number, first: number, size: number, ports: PortRange, entry: Entry<Value>): void {
    const node = this.nodes.get(key);
    const isCovered = covers(ports, first, size);
    const touching = withEntry(node?.touching, entry);
    const covering = isCovered ? withEntry(node?.covering, entry) : node?.covering;
    // Near the root, most entries change nothing.
    if (node?.touching !== touching || node.covering !== covering)
      this.nodes.set(key, { touching, covering });
    if (isCovered) return;
    const width = size / branches;
    const last = branchAt(ports.last, first, width);
    for (let at = branchAt(ports.first, first, width); at <= last; at++)
      this.addBelow(key * branches + at, first + at * width, width, ports, entry);
  }

  private findBelow(
    key: number,
    first: number,
    size: number,
    ports: PortRange,
    except: string | undefined,
  ): Entry<Value> | undefined {
    const node = this.nodes.get(key);
    if (node === undefined) return undefined;
    if (covers(ports, first, size)) return firstBut(node.touching, except);
    let found = firstBut(node.covering, except);
    const width = size / branches;
    const last = branchAt(ports.last, first, width);
    for (let at = branchAt(ports.first, first, width); at <= last; at++)
      found = earlier(found, this.findBelow(key * branches + at, first + at * width, width, ports, except));
    return found;
  }
}

/** The earlier of two entries. */
export function earlier<Value>(
  one: Entry<Value> | undefined,
  other: Entry<Value> | undefined,
): Entry<Value> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.order < other.order ? one : other;
}

function covers(ports: PortRange, first: number, size: number): boolean {
  return ports.first <= first && first + size - 1 <= ports.last;
}

/** The branch that a port is in, or the nearest one. */
function branchAt(port: number, first: number, width: number): number {
  return Math.min(branches - 1, Math.max(0, Math.floor((port - first) / width)));
}

function withEntry<Value>(firsts: Firsts<Value> | undefined, entry: Entry<Value>): Firsts<Value> {
  if (firsts === undefined) return [entry];
  const [first, other] = firsts;
  return other === undefined && first.owner !== entry.owner ? [first, entry] : firsts;
}

function firstBut<Value>(
  firsts: Firsts<Value> | undefined,
  except: string | undefined,
): Entry<Value> | undefined {
  return firsts?.[0].owner === except ? firsts?.[1] : firsts?.[0];
}
