import { expect, test } from 'vitest';
import { forwardingOn, readForwarding, writeSettings } from '../../../src/system/forwarding.ts';

const off = {
  'net/ipv4/ip_forward': '0',
  'net/ipv6/conf/all/forwarding': '0',
  'net/ipv6/conf/eth0/accept_ra': '1',
};

test('IPv6 is turned on where it has a default route, which stays: router advertisements count before it', () => {
  expect(Object.entries(forwardingOn(off, ['eth0']))).toEqual([
    ['net/ipv4/ip_forward', '1'],
    ['net/ipv6/conf/eth0/accept_ra', '2'],
    ['net/ipv6/conf/all/forwarding', '1'],
  ]);
  expect(forwardingOn(off, [])).toEqual({ 'net/ipv4/ip_forward': '1' });
});

test('what is on is left alone', () => {
  const on = { ...off, 'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1' };
  expect(forwardingOn(on, ['eth0'])).toEqual({});
});

test('the settings of all interfaces are saved, those of all first: to write these writes the others', () => {
  const paths = Object.keys(readForwarding(['ip']));
  expect(paths[0]).toBe('net/ipv4/ip_forward');
  expect(paths).toContain('net/ipv4/conf/default/forwarding');
  expect(paths.indexOf('net/ipv4/conf/all/forwarding')).toBeLessThan(
    paths.indexOf('net/ipv4/conf/default/forwarding'),
  );
});

test('an interface that is gone has no setting to write', () => {
  expect(() => writeSettings({ 'net/ipv4/conf/gone0/forwarding': '1' })).not.toThrow();
});
