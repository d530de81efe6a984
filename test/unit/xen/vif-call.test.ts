import { describe, expect, test } from 'vitest';
import { parseVifCall } from '../../../src/xen/vif-call.ts';

const environment = { XENBUS_PATH: 'backend/vif/3/1' };

describe('a call from a vif script', () => {
  test('of an interface', () => {
    expect(parseVifCall(['online', 'type_if=vif', 'dev=web0', 'ip='], environment)).toEqual({
      command: 'online',
      folder: 'backend/vif/3',
      domain: 3,
      tap: 'web0',
    });
  });

  test("of the emulated twin: the interface's own port is meant, and xenstore's path is a whole one", () => {
    const path = { XENBUS_PATH: '/local/domain/0/backend/vif/3/1' };
    expect(parseVifCall(['add', 'type_if=tap', 'dev=vif3.1-emu'], path)).toMatchObject({
      folder: '/local/domain/0/backend/vif/3',
      tap: 'vif3.1',
    });
    // A vifname may end so, too.
    expect(parseVifCall(['online', 'type_if=vif', 'dev=web-emu'], environment).tap).toBe('web-emu');
  });

  test('without a port it is the one that libxl names', () => {
    expect(parseVifCall(['offline'], environment).tap).toBe('vif3.1');
  });

  test('what the script says of addresses is kept as it is', () => {
    const { ip } = parseVifCall(['online', 'ip=10.0.3.2/16 = $(reboot)'], environment);
    expect(ip).toEqual({ addresses: ['10.0.3.2'], sources: ['10.0.3.2/32'], strange: ['=', '$(reboot)'] });
  });

  test.each([[''], ['start'], ['online; reboot'], ['__proto__']])('%j is no command', (command) => {
    expect(() => parseVifCall([command], environment)).toThrow(
      'expected one of online, offline, add, remove',
    );
  });

  test.each([
    undefined,
    '',
    'backend/vbd/1/0',
    'backend/vif/1',
    'backend/vif/1/0/ip',
    'backend/vif/../0',
    '../backend/vif/1/0',
    'backend/vif/1/0; reboot',
    'backend/vif/1/0\n/backend/vif/2/0',
    '-s/backend/vif/1/0',
  ])('XENBUS_PATH %j leads nowhere', (path) => {
    expect(() => parseVifCall(['online'], { XENBUS_PATH: path })).toThrow('invalid XENBUS_PATH');
  });
});
