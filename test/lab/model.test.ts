import { expect, test } from 'vitest';
import { search } from '../model/search.ts';

/*
 * Some random lives of a host, the same each time: after each stretch of events the kernel holds what the model says. More of
 * them: `npm run model`.
 */
test.for(['nftables', 'iptables'] as const)(
  'random lives of a host with %s: the kernel holds what the model says',
  async (backend) => {
    const seed = 3;
    const until = { events: 25, milliseconds: Number.POSITIVE_INFINITY };
    const found = await search({
      seed,
      backend,
      guests: 6,
      until,
      shorter: 10,
      say: () => {},
      keep: () => {},
    });
    console.log(`${found.events} events in ${found.lives} lives, seed ${seed}, ${backend}`);
    expect(found.failure).toBeUndefined();
    expect(found.events).toBeGreaterThanOrEqual(25);
  },
);
