import { describe, expect, test } from 'vitest';
import { parseFormat } from '../../../src/cli/format.ts';

const web = {
  guest: { name: 'web', driver: 'qemu' },
  address: '192.0.2.7',
  elements: [{ packets: 3 }],
  problems: [],
};

function format(template: string, value: object = web): string {
  return parseFormat(template, '--format')(value);
}

describe('a template', () => {
  test('names values by their keys', () => {
    expect(format('{{.guest.name}}: {{ .address }}')).toBe('web: 192.0.2.7');
  });

  test('takes tabs and newlines as docker does', () => {
    expect(format('{{.guest.name}}\\t{{.address}}\\n')).toBe('web\t192.0.2.7\n');
  });

  test('prints lists and objects as JSON, and anything with json', () => {
    expect(format('{{.elements}} {{json .address}}')).toBe('[{"packets":3}] "192.0.2.7"');
    expect(format('{{json .}}', { state: 'running' })).toBe('{"state":"running"}');
  });

  test('leaves out what an object does not have', () => {
    expect(format('<{{.backend}}>')).toBe('<>');
    expect(format('{{json .backend}}')).toBe('null');
  });

  test('sees no properties but the own ones', () => {
    expect(format('<{{.constructor}}{{.address.length}}{{.guest.__proto__}}>')).toBe('<>');
  });

  test('keeps text without braces', () => {
    expect(format('}} {x}')).toBe('}} {x}');
  });
});

describe('a mistake', () => {
  test.each(['{{guest}}', '{{}}', '{{range .elements}}', '{{.a..b}}', '{{.guest | upper}}'])(
    '%s',
    (template) => {
      expect(() => format(template)).toThrow(/is not understood \(expected: \{\{\.key\}\}/);
    },
  );

  test('an open brace', () => {
    expect(() => format('a {{.guest')).toThrow('is not closed');
  });
});
