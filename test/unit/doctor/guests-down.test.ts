import { expect, test } from 'vitest';
import { judgeGuests, type NamedGuest } from '../../../src/doctor/guests-down.ts';

const fixes = (findings: readonly { readonly fix: string }[]) => findings.map(({ fix }) => fix);

test('guests that do not run: each is started through its own driver, and the program that could know one is named', () => {
  const judge = (here: { libvirt: boolean; xen: boolean }, ...guests: NamedGuest[]) =>
    judgeGuests(guests, [{ driver: 'qemu', name: 'shop' }], here);
  const libvirt = { libvirt: true, xen: false };
  expect(judge(libvirt, { key: 'web', state: 'runs' })).toEqual([]);
  for (const [driver, fix] of [
    ['qemu', 'virsh start web'],
    ['lxc', 'virsh -c lxc:///system start web'],
    ['libxl', 'virsh -c xen:///system start web'],
  ] as const)
    expect(
      fixes(judge(libvirt, { key: `${driver}:web`, state: 'defined', guest: { driver, name: 'web' } })),
    ).toEqual([fix]);
  const unknown = { key: 'web', state: 'unknown' } as const;
  const named = 'the configuration has a policy for it, and ';
  expect(judge(libvirt, unknown)).toMatchObject([
    {
      subject: 'guest "web"',
      problem: `${named}libvirt knows no guest of that name (it knows "shop")`,
      fix: 'virsh list --all',
    },
  ]);
  expect(judge({ libvirt: false, xen: true }, unknown)).toMatchObject([
    { problem: `${named}Xen runs no guest of that name (it runs "shop")`, fix: 'xl list' },
  ]);
  expect(judge({ libvirt: true, xen: true }, unknown)).toMatchObject([
    {
      problem: `${named}libvirt knows no guest of that name, nor does Xen run one (they know "shop")`,
      fix: 'virsh list --all',
    },
  ]);
});
