import { expect, test } from 'vitest';
import { describeBriefly, renderMapText } from '../../../src/cli/map-text.ts';
import { hostMap } from '../host-map.ts';

test('the tree has each guest below its network, and its forwards below it', () => {
  expect(renderMapText(hostMap)).toBe(`host kvm1
|- eth0 198.51.100.1 (default route)
|- eth1 203.0.113.11
\`- network default 192.168.122.1
   |- web 192.168.122.41
   |  |- *:8080/tcp -> 80
   |  \`- 203.0.113.11:8443/tcp -> 443
   \`- </text>"\\&#\\n (ended)`);
});

test('what is not a forward is described, too', () => {
  expect(describeBriefly({ kind: 'one-to-one', host: '203.0.113.12', guest: '192.168.122.41' })).toBe(
    '203.0.113.12 -> all ports',
  );
});
