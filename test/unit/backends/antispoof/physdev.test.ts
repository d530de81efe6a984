import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { renderPhysdev } from '../../../../src/backends/antispoof/physdev.ts';
import type { AntispoofElement } from '../../../../src/model/antispoof.ts';

const vif = (port: string, more: Partial<AntispoofElement> = {}): AntispoofElement => ({
  kind: 'vif',
  port,
  way: 'bridged',
  ...more,
});
const checked = vif('vif1.0', {
  mac: '00:16:3e:00:00:02',
  sources: ['10.99.0.2/32', '10.99.7.0/24', 'fd00:99::2/128'],
});
const any = vif('vif2.0');

describe('the accepts for bridged guests', () => {
  test('what comes from ports is decided before anything to a port is accepted', () => {
    expect(renderPhysdev([any, checked], 'ip')).toEqual([
      '-A GUESTGATE-VIFS -p udp -m physdev --physdev-in vif1.0 --physdev-is-bridged -m udp --sport 67 --dport 68 -j DROP',
      '-A GUESTGATE-VIFS -s 10.99.0.2/32 -m physdev --physdev-in vif1.0 --physdev-is-bridged -j ACCEPT',
      '-A GUESTGATE-VIFS -s 10.99.7.0/24 -m physdev --physdev-in vif1.0 --physdev-is-bridged -j ACCEPT',
      '-A GUESTGATE-VIFS -s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m physdev --physdev-in vif1.0 --physdev-is-bridged -m udp --sport 68 --dport 67 -j ACCEPT',
      '-A GUESTGATE-VIFS -m physdev --physdev-in vif1.0 --physdev-is-bridged -j DROP',
      '-A GUESTGATE-VIFS -m physdev --physdev-in vif2.0 --physdev-is-bridged -j ACCEPT',
      '-A GUESTGATE-VIFS -m physdev --physdev-out vif2.0 --physdev-is-bridged -j ACCEPT',
      '-A GUESTGATE-VIFS -m physdev --physdev-out vif1.0 --physdev-is-bridged -j ACCEPT',
    ]);
  });

  test('in IPv6 a guest that was given addresses of IPv4 alone says nothing', () => {
    const only4 = vif('vif1.0', { sources: ['10.99.0.2/32'] });
    expect(
      renderPhysdev([only4], 'ip6')
        .filter((line) => line.endsWith('DROP'))
        .at(-1),
    ).toMatch(/vif1\.0 --physdev-is-bridged -j DROP$/);
  });

  test('routed ports are none of a bridge', () => {
    expect(renderPhysdev([vif('vif1.0', { way: 'routed' })], 'ip')).toEqual([]);
  });

  // `check` compares them as texts.
  test.each([
    ['ip', 'iptables'],
    ['ip6', 'ip6tables'],
  ] as const)('are written as %s has them listed', (family, iptables) => {
    const all = vif('vif3.0', { sources: ['0.0.0.0/0', '::/0'] });
    const rules = renderPhysdev([checked, any, all], family);
    const input = ['*filter', ':GUESTGATE-VIFS - [0:0]', ...rules, 'COMMIT', ''].join('\n');
    const script = `${iptables}-restore --noflush && ${iptables}-save -t filter`;
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', script], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.split('\n').filter((line) => line.startsWith('-A GUESTGATE-VIFS'))).toEqual(rules);
  });
});
