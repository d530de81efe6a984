import { expect, test } from 'vitest';
import { restore, save } from '../../../../src/backends/iptables/programs.ts';

test('the variant’s own programs are run, and the plain name where a host has only that', () => {
  expect(restore('legacy', 'ip6', '*nat\n')).toEqual({
    program: 'ip6tables-legacy-restore',
    alternatives: ['ip6tables-restore'],
    args: ['--noflush', '-w', '3'],
    input: '*nat\n',
  });
  expect(save('nft', 'ip', '-c')).toEqual({
    program: 'iptables-nft-save',
    alternatives: ['iptables-save'],
    args: ['-c'],
  });
});

test('rules of others are never flushed, whatever the variant and family', () => {
  for (const variant of ['nft', 'legacy'] as const)
    for (const family of ['ip', 'ip6'] as const)
      expect(restore(variant, family, '').args).toContain('--noflush');
});
