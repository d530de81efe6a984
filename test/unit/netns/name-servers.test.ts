import { expect, test } from 'vitest';
import { isOurResolvConf, nameServers, renderResolvConf } from '../../../src/netns/name-servers.ts';

const stub = '# systemd-resolved\nnameserver 127.0.0.53\noptions edns0\n';

test.each<[readonly string[], readonly (string | undefined)[], readonly string[]]>([
  [['192.0.2.1'], ['nameserver 192.0.2.2'], ['192.0.2.1']],
  [[], ['search example\nnameserver 192.0.2.2\n nameserver 2001:DB8::53\n'], ['192.0.2.2', '2001:db8::53']],
  [[], [stub, 'nameserver 192.0.2.3'], ['192.0.2.3']],
  [[], ['nameserver ::1\nnameserver nonsense', undefined], []],
  [[], [undefined, undefined], []],
])('given %j, of the host %j: %j', (given, texts, expected) => {
  expect(nameServers(given, texts)).toEqual(expected);
});

test('what is written is known again, and nothing else is', () => {
  const text = renderResolvConf(['192.0.2.1', '192.0.2.2']);
  expect(text).toMatch(/\nnameserver 192\.0\.2\.1\nnameserver 192\.0\.2\.2\n$/);
  expect([text, 'nameserver 192.0.2.1', ''].map(isOurResolvConf)).toEqual([true, false, false]);
});
