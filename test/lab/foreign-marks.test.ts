import { describe, expect } from 'vitest';
import { codeOf } from '../support/documents.ts';
import {
  client,
  client6,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
  thirdAddress,
  thirdAddress6,
} from '../support/lab.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { readRepository } from '../support/repository.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * A host on which other programs use marks of packets and connections, with masks and without, and whose FORWARD drops what
 * no rule accepts. Beside the guests there is a pod, which guestgate has nothing to do with, and a second uplink.
 *
 *   client --- eth0 host ppp0 203.0.113.9 --- provider --- 192.0.2.7
 */

const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'mail', 'plain'], backend, ipv6: true, forwarding: 'DROP' }),
}));

const uplink = { own: '203.0.113.9', own6: '2001:db8:9::9', far: '192.0.2.7', far6: '2001:db8:f::7' };
const pod = { own: '10.244.0.2', own6: 'fd00:244::2' };

const links = `
ip netns add pod; ip netns exec pod sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
ip link add pod0 type veth peer name eth0 netns pod
ip addr add 10.244.0.1/24 dev pod0; ip addr add fd00:244::1/64 dev pod0 nodad; ip link set pod0 up
ip -n pod link set lo up; ip -n pod link set eth0 up
ip -n pod addr add ${pod.own}/24 dev eth0; ip -n pod addr add ${pod.own6}/64 dev eth0 nodad
ip -n pod route add default via 10.244.0.1; ip -n pod route add default via fd00:244::1
ip netns add provider; ip netns exec provider sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
ip link add ppp0 type veth peer name eth0 netns provider
ip addr add 203.0.113.9/24 dev ppp0; ip addr add ${uplink.own6}/64 dev ppp0 nodad; ip link set ppp0 up
ip -n provider link set lo up; ip -n provider link set eth0 up
ip -n provider addr add 203.0.113.2/24 dev eth0; ip -n provider addr add 2001:db8:9::2/64 dev eth0 nodad
ip -n provider addr add ${uplink.far}/32 dev lo; ip -n provider addr add ${uplink.far6}/128 dev lo
for i in all default eth0 ppp0; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done
for t in iptables ip6tables; do
  $t -A FORWARD -i pod0 -j ACCEPT; $t -A FORWARD -o pod0 -m conntrack --ctstate ESTABLISHED -j ACCEPT
done
ip route add default via 203.0.113.2 dev ppp0 table 200; ip -6 route add default via 2001:db8:9::2 dev ppp0 table 200`;

/** The rules of a host with two uplinks, as the how-to has them: answers leave by the uplink that the connection came by. */
const howTo = codeOf({
  path: 'docs/howto/policy-routing.md',
  text: readRepository('docs/howto/policy-routing.md').replaceAll('eth1', 'ppp0').replaceAll('102', '200'),
});
const withMasks = howTo.flatMap(({ kind, text }) =>
  kind === 'line' && text.startsWith('iptables ') ? [text.replace('iptables -t mangle -A ', '')] : [],
);
const withoutMasks = withMasks.map((rule) => rule.replace(' --mask 0xff', '').replace('0x2/0xff', '0x2'));
const inNft = howTo.find(({ language }) => language === 'nft')?.text ?? '';
const routing = howTo.flatMap(({ kind, text }) =>
  kind === 'line' && text.startsWith('ip rule add pref ') ? [text.replace('ip rule add ', '')] : [],
);

describe.each(labs)('$backend:', ({ backend, test, lab, web, mail, plain }) => {
  const repairs = backend === 'nftables';

  test.beforeAll(() => {
    lab.host.sh(links);
    for (const space of ['client', 'pod', 'provider']) lab.serve(space, `hello from ${space}`);
    lab.configure(
      `[guest.web]\naddress = ["${web.address}", "${web.address6}"]\nforward = ["8080:80"]\nopen = ["443"]\n` +
        `[guest.mail]\naddress = ["${mail.address}", "${mail.address6}"]\npublic_address = ["${secondAddress}", "${secondAddress6}"]\n` +
        `[guest.plain]\naddress = ["${plain.address}", "${plain.address6}"]\nsnat = ["${thirdAddress}", "${thirdAddress6}"]\n`,
    );
    for (const guest of [web, mail, plain]) lab.hook(guest, 'started');
  });

  /** Does something while rules of mangle, and of policy routing, are there in both families. */
  const withRules = (rules: readonly string[], act: () => void, routing: readonly string[] = []) => {
    const change = (operation: '-A' | '-D') =>
      ['iptables', 'ip6tables'].flatMap((tool) =>
        rules.map((rule) => `${tool} -t mangle ${operation} ${rule}`),
      );
    const route = (operation: 'add' | 'del') =>
      ['-4', '-6'].flatMap((family) => routing.map((rule) => `ip ${family} rule ${operation} ${rule}`));
    lab.host.sh([...change('-A'), ...route('add')].join('\n'));
    try {
      act();
    } finally {
      lab.host.sh([...change('-D'), ...route('del')].join('\n'));
    }
  };

  /** Does something while another program has a chain of nftables. */
  const withChain = (hook: string, rules: string, act: () => void) => {
    lab.host.sh(`nft 'table inet other { chain c { type filter hook ${hook}; ${rules} }; }'`);
    try {
      act();
    } finally {
      lab.host.sh('nft delete table inet other');
    }
  };

  /** Who answers, and whom that one sees. */
  const seen = (from: string, ...places: readonly (readonly [address: string, port: number])[]) =>
    lab
      .probe(
        from,
        places.map(([address, port]) => ({ address, port })),
      )
      .map((answer) => answer.replace('hello from ', '').replace(', you are', ' sees'));

  /** Each kind of connection that guestgate admits, and one that it does not know, in both families. */
  const answers = () => ({
    admitted: seen(
      'client',
      [publicAddress, 8080],
      [publicAddress6, 8080],
      [web.address, 443],
      [web.address6, 443],
      [secondAddress, 80],
      [secondAddress6, 80],
    ),
    publicAddress: seen('guest2', [client, 80], [client6, 80]),
    snat: seen('guest3', [client, 80], [client6, 80], [publicAddress, 8080]),
    itself: seen('guest1', [publicAddress, 8080]),
    pod: seen('pod', [client, 80], [client6, 80]),
  });
  const guest1 = [`guest1 sees ${client}`, `guest1 sees ${client6}`];
  const undisturbed = {
    admitted: [...guest1, ...guest1, `guest2 sees ${client}`, `guest2 sees ${client6}`],
    publicAddress: [`client sees ${secondAddress}`, `client sees ${secondAddress6}`],
    snat: [`client sees ${thirdAddress}`, `client sees ${thirdAddress6}`, 'guest1 sees 192.168.122.1'],
    itself: ['guest1 sees 192.168.122.1'],
    pod: [`client sees ${pod.own}`, `client sees ${pod.own6}`],
  };

  /** The doctor's finding about marks: the rules that it names. */
  const named = () => {
    const { findings } = JSON.parse(lab.guestgate('doctor', '--json').stdout) as {
      findings: { name: string; what: string }[];
    };
    const texts = findings.flatMap(({ name, what }) => (name === 'marks' ? [what] : []));
    return texts.join('\n').match(/(?<=^\s*)(ip6?tables(?:-legacy)?|nft|ip) .+$/gm) ?? [];
  };

  test('with masks, or with bits of their own: nothing changes, and the doctor names nothing', () => {
    const kubernetes = [
      'PREROUTING -j MARK --set-xmark 0x4000/0x4000',
      'FORWARD -i pod0 -j MARK --set-xmark 0x40000/0xff0000',
      'POSTROUTING -m mark --mark 0x4000/0x4000 -j CONNMARK --save-mark --mask 0xff0000',
    ];
    withRules(kubernetes, () => {
      expect(answers()).toEqual(undisturbed);
      expect(named()).toEqual([]);
    });
  });

  test.each(
    someOf(
      [
        ['Calico: bits 16 to 31 of every packet', 'PREROUTING -j MARK --set-xmark 0xffff0000/0xffff0000'],
        ['Cilium: an identity in the upper half', 'PREROUTING -j MARK --set-mark 0x5abc0f00'],
      ] as const,
      2,
    ),
  )('our bit in the packets of others, which keep all their bits: %s', (_, rule) => {
    const whole = `ip saddr ${pod.own} meta mark & 0x10000000 == 0 drop;`;
    withRules([rule], () =>
      withChain('postrouting priority 200', whole, () => expect(answers()).toEqual(undisturbed)),
    );
  });

  test('wg-quick, and a connection mark restored before routing without a mask', () => {
    const rules = [
      'POSTROUTING -p udp -m mark --mark 0xca6c -j CONNMARK --save-mark',
      'PREROUTING -j CONNMARK --restore-mark',
    ];
    withRules(rules, () => expect(answers()).toEqual(undisturbed));
  });

  test('restored on the way out without a mask: guests see the client, or the doctor names the rule', () => {
    withRules(['POSTROUTING -j CONNMARK --restore-mark'], () => {
      if (repairs) expect(answers()).toEqual(undisturbed);
      else expect(named().join()).toContain('-A POSTROUTING -j CONNMARK --restore-mark');
    });
  });

  const writers = [
    'PREROUTING -j CONNMARK --set-xmark 0x1',
    'FORWARD -j CONNMARK --save-mark',
    'POSTROUTING -j CONNMARK --save-mark',
  ];
  if (repairs)
    test.each(someOf(writers, 2))('written without a mask, where FORWARD drops: %s', (rule) => {
      withRules([rule], () => expect(answers()).toEqual(undisturbed));
    });
  else
    test('written without a mask, where FORWARD drops: the doctor names the rules', () => {
      withRules(writers, () => {
        const rules = named();
        for (const rule of writers) expect(rules.join()).toContain(`-A ${rule}`);
      });
    });

  const far = () =>
    lab.probe('provider', [
      { address: uplink.own, port: 8080, source: uplink.far },
      { address: uplink.own6, port: 8080, source: uplink.far6 },
    ]);
  const reached = [`hello from guest1, you are ${uplink.far}`, `hello from guest1, you are ${uplink.far6}`];

  test('policy routing over two uplinks, with masks, as the how-to has it', () => {
    expect([withMasks.length, routing.length]).toEqual([3, 2]);
    expect(far()).not.toEqual(reached);
    withRules(
      withMasks,
      () => {
        expect(far()).toEqual(reached);
        expect(answers()).toEqual(undisturbed);
        expect(named()).toEqual([]);
      },
      routing,
    );
    lab.host.run('nft', ['-f', '-'], { input: inNft });
    withRules([], () => expect([far(), named()]).toEqual([reached, []]), routing);
    lab.host.sh('nft delete table inet routing');
  });

  test('the same without masks', () => {
    const whole = routing.map((rule) => rule.replace('0x2/0xff', '0x2'));
    withRules(
      withoutMasks,
      () => {
        expect(answers()).toEqual(undisturbed);
        if (repairs) expect(far()).toEqual(reached);
        const rules = named().join('\n');
        if (repairs) expect(rules).toBe('');
        else {
          expect(rules).toContain('-A PREROUTING -j CONNMARK --restore-mark');
          expect(rules).toMatch(/ip -4 rule 100: fwmark 0x2 lookup 200/);
        }
      },
      whole,
    );
  });

  test('the doctor names what compares a whole connection mark, whichever program it is', () => {
    const rules =
      'ct mark 0x1 counter; ct mark & 0xff == 0x1 counter; ct mark & 0x10000000 == 0x10000000 accept;';
    withChain('forward priority 10', rules, () =>
      withRules(['FORWARD -m connmark --mark 0x1 -j ACCEPT'], () => {
        const found = named();
        const ofNft = found.filter((rule) => rule.includes('inet other c: compares ct mark'));
        const ofIptables = found.filter((rule) =>
          rule.includes('-A FORWARD -m connmark --mark 0x1 -j ACCEPT'),
        );
        expect([ofNft.length, ofIptables.length]).toEqual([1, 2]);
      }),
    );
  });

  test('rules of another version of guestgate: the next event makes them again', () => {
    const [spoil, list] = repairs
      ? ['nft flush chain ip guestgate', 'nft list chain ip guestgate'].map(
          (it) => `${it} marks_before_filters`,
        )
      : ['iptables -t mangle -F', 'iptables -t mangle -S'].map((it) => `${it} GUESTGATE-ADMIT`);
    lab.host.sh(`${spoil}; sed -i 's/"edition":[0-9]*,//' /run/guestgate/host.json`);
    lab.end(plain);
    expect(lab.host.sh(`${list}`)).toMatch(/ct label 120 ct mark|-j CONNMARK/);
    lab.hook(plain, 'started');
    expect(lab.guestgate('check')).toMatchObject({ status: 0, stdout: expect.stringContaining('agree') });
  });
});
