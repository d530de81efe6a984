import { expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import { ClaimIndex } from '../../../src/planner/claim-index.ts';
import { type Asking, displaced, resolveClaims } from '../../../src/reconcile/resolve-claims.ts';
import { forwardOf } from '../records.ts';

const forward = (port: number, guest: number): Element => forwardOf(port, { guest: `192.168.122.${guest}` });
const nobody = () => [];

function asking(name: string, guest: number, ports: readonly number[], more: Partial<Asking> = {}): Asking {
  return { name, before: [], wanted: ports.map((port) => forward(port, guest)), ...more };
}

function portsOf(resolved: ReturnType<typeof resolveClaims>): Record<string, number[]> {
  const ports = (elements: readonly Element[]) =>
    elements.flatMap((element) => (element.kind === 'forward' ? element.ports.first : []));
  return Object.fromEntries([...resolved].map(([name, { accepted }]) => [name, ports(accepted)]));
}

test('a policy in a file gets what metadata asked for earlier, and what it has', () => {
  const tenant = asking('tenant', 41, [80, 81], { weak: true, before: [forward(80, 41)] });
  expect(portsOf(resolveClaims([tenant, asking('web', 42, [80])], nobody))).toEqual({
    web: [80],
    tenant: [81],
  });
});

test('among equals, what a guest has stays, then the first one counts', () => {
  for (const weak of [undefined, true] as const) {
    const has = asking('b', 42, [80], { weak, before: [forward(80, 42)] });
    expect(portsOf(resolveClaims([asking('a', 41, [80, 81], { weak }), has], nobody))).toEqual({
      a: [81],
      b: [80],
    });
    expect(
      portsOf(resolveClaims([asking('a', 41, [80], { weak }), asking('b', 42, [80], { weak })], nobody)),
    ).toEqual({ a: [80], b: [] });
  }
});

test('metadata of a guest that asks for nothing gives way, a file does not', () => {
  const index = new ClaimIndex();
  const has = [forward(80, 41), forward(81, 41)];
  index.add('tenant', has, true);
  index.add('mail', [forward(25, 43)]);
  const held = (elements: readonly Element[], except: string) =>
    index.near(elements).filter(({ holder }) => holder !== except);
  const resolved = resolveClaims([asking('web', 42, [80, 25])], held);
  expect(portsOf(resolved)).toEqual({ web: [80] });
  const accepted = new Map([['web', resolved.get('web')?.accepted ?? []]]);
  const lost = displaced(accepted, held, () => has);
  expect(portsOf(lost)).toEqual({ tenant: [81] });
  expect(lost.get('tenant')?.refused).toMatchObject([{ holder: 'web' }]);
  expect(portsOf(resolveClaims([asking('other', 44, [80], { weak: true })], held))).toEqual({ other: [] });
});
