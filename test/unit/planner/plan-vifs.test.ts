import { describe, expect, test } from 'vitest';
import type { Nic } from '../../../src/model/guest.ts';
import { planVifs } from '../../../src/planner/plan-vifs.ts';

const mac = '00:16:3e:00:00:02';
const nic = (vif: Partial<Nic['vif']> = {}, nic: Partial<Nic> = {}): Nic => ({
  tap: 'vif1.0',
  mac,
  addresses: [],
  vif: { way: 'bridged', emulated: false, ...vif },
  ...nic,
});

describe('the ports of a Xen guest', () => {
  test('with ip= send from its addresses and its MAC address, else from anything', () => {
    const sources = ['10.99.0.2/32'];
    expect(planVifs({ nics: [nic({ sources }), nic({}, { tap: 'vif1.1' })] }, {}, {})).toEqual({
      elements: [
        { kind: 'vif', port: 'vif1.0', way: 'bridged', mac, sources },
        { kind: 'vif', port: 'vif1.1', way: 'bridged', mac },
      ],
      problems: [],
    });
  });

  test('say which bridge they are ports of, if they are', () => {
    const bridge = 'xenbr0';
    const { elements } = planVifs(
      { nics: [nic({}, { bridge }), nic({ way: 'routed' }, { bridge })] },
      {},
      {},
    );
    expect(elements.map((element) => element.bridge)).toEqual([bridge, undefined]);
    expect(planVifs({ nics: [nic({}, { bridge: 'a"b' })] }, {}, {}).elements[0]?.bridge).toBeUndefined();
  });

  test('are two for an emulated interface', () => {
    const { elements } = planVifs({ nics: [nic({ emulated: true })] }, {}, {});
    expect(elements.map(({ port }) => port)).toEqual(['vif1.0', 'vif1.0-emu']);
  });

  test('are isolated, and accepted last, as the files say; on a bridge alone', () => {
    const nics = [nic(), nic({ way: 'routed' }, { tap: 'vif1.1' })];
    expect(planVifs({ nics }, { isolated: true }, { vifRules: 'bottom' }).elements).toEqual([
      { kind: 'vif', port: 'vif1.0', way: 'bridged', mac, isolated: true, bottom: true },
      { kind: 'vif', port: 'vif1.1', way: 'routed', mac },
    ]);
  });

  test('of a confined guest send from its own addresses in ip= alone: rules confine no networks', () => {
    const sources = ['10.99.0.0/24', 'fd00:99::2/128'];
    const sent = (policy: Parameters<typeof planVifs>[1]) =>
      planVifs({ nics: [nic({ sources })] }, policy, {}, ['10.99.0.2', 'fd00:99::2', '10.98.0.2']).elements[0]
        ?.sources;
    for (const access of ['inbound', 'host'] as const)
      expect(sent({ access })).toEqual(['10.99.0.2/32', 'fd00:99::2/128']);
    expect(sent({ antispoof: true })).toEqual(sources);
    expect(sent({ access: 'none' })).toEqual(sources);
  });

  test("are none for other hypervisors' guests, unless these are isolated on a bridge", () => {
    const port = { tap: 'vnet0', mac, addresses: [] };
    expect(planVifs({ nics: [port] }, {}, {})).toEqual({ elements: [], problems: [] });
    expect(planVifs({ nics: [{ ...port, bridge: 'br0' }] }, { isolated: true }, {})).toEqual({
      elements: [
        { kind: 'vif', port: 'vnet0', way: 'bridged', bridge: 'br0', mac, isolated: true, unaccepted: true },
      ],
      problems: [],
    });
  });

  test('on Open vSwitch no frame can be checked: that is reported where a check was asked for', () => {
    const way = 'switched';
    expect(planVifs({ nics: [nic({ way })] }, {}, {}).problems).toEqual([]);
    for (const [vif, policy] of [
      [{ way, sources: [] }, {}],
      [{ way }, { isolated: true }],
    ] as const) {
      const { elements, problems } = planVifs({ nics: [nic(vif)] }, policy, {});
      expect(elements).toEqual([]);
      expect(problems).toMatchObject([{ problem: expect.stringContaining('is on Open vSwitch') }]);
    }
  });

  test.each(['web"; }', 'a*', 'a b', ''])('a port called %j is in no rule', (tap) => {
    const { elements, problems } = planVifs({ nics: [nic({}, { tap })] }, {}, {});
    expect(elements).toEqual([]);
    expect(problems).toMatchObject([{ problem: expect.stringContaining('invalid interface name') }]);
  });

  test('invalid entries of ip= are reported; where all are invalid, nothing may be sent', () => {
    const { elements, problems } = planVifs({ nics: [nic({ sources: [], strange: ['x'] })] }, {}, {});
    expect(elements).toMatchObject([{ sources: [] }]);
    expect(problems).toMatchObject([{ problem: 'invalid ip= "x" of "vif1.0": neither address nor network' }]);
  });
});
