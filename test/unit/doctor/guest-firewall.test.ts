import { expect, test } from 'vitest';
import { judgeProbes, type Probed } from '../../../src/doctor/guest-firewall.ts';

test('what a guest answers the host, on its own network and from beyond it', () => {
  const probed = { guest: "it's", driver: 'qemu', address: 'fd00::1', port: 80, protocol: 'tcp' } as const;
  const judge = (more: Partial<Probed> & Pick<Probed, 'result'>) => judgeProbes([{ ...probed, ...more }]);
  expect(judge({ result: 'answered' })).toEqual([]);
  for (const result of ['refused', 'silent', 'unreachable'] as const)
    expect(judge({ result })).toMatchObject([{ fix: `virsh console 'it'\\''s'` }]);
  expect(judge({ result: 'silent', driver: 'lxc' })).toMatchObject([
    { fix: `virsh -c lxc:///system console 'it'\\''s'` },
  ]);
  expect(judge({ result: 'silent', driver: 'libxl' })).toMatchObject([{ fix: `xl console 'it'\\''s'` }]);
  const source = '2001:db8::1';
  expect(judge({ result: 'answered', distant: { source, result: 'answered' } })).toEqual([]);
  expect(judge({ result: 'answered', distant: { source, result: 'silent' } })).toMatchObject([
    { problem: expect.stringContaining('and not 2001:db8::1: the guest has no default route') },
  ]);
  // A guest that serves UDP 53 alone refuses TCP 53.
  expect(judge({ result: 'refused', protocol: 'udp' })).toEqual([]);
  expect(judge({ result: 'unreachable', protocol: 'udp' })).toMatchObject([
    { problem: expect.stringContaining('no guest has this address') },
  ]);
});
