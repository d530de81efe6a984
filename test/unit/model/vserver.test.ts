import { expect, test } from 'vitest';
import { vserverEvents } from '../../../src/model/vserver.ts';
import { readRepository } from '../../support/repository.ts';

test('the script names each event', () => {
  const script = readRepository('pkg/vserver/guestgate-scriptlet.sh');
  expect(vserverEvents).toHaveLength(6);
  for (const event of vserverEvents) expect(script).toContain(event);
});
