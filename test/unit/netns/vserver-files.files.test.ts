import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { readVserverFiles } from '../../../src/netns/vserver-files.ts';
import { folderTest as test } from '../own-folders.ts';

function write(path: string, text = '') {
  const at = join(paths.vservers, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
}

test('the files of a guest; what is missing in the folder of an interface may be above it', () => {
  write('web/context', '1001\n');
  write('web/netns/shared');
  write('web/netns/name', 'shop\n');
  write('web/interfaces/prefix', '24\n');
  write('web/interfaces/0/ip', '10.20.0.2\nanything\n');
  write('web/interfaces/0/nodev');
  write('web/interfaces/1/ip', '10.20.0.3');
  write('web/interfaces/1/prefix', '25');
  write('web/interfaces/1/gateway', '');
  write('web/interfaces/2/disabled');
  expect(readVserverFiles('web')).toEqual({
    context: '1001',
    hasNamespace: true,
    isShared: true,
    namespace: 'shop',
    interfaces: [
      { folder: '0', ip: '10.20.0.2', prefix: '24', isLeftAlone: true },
      { folder: '1', ip: '10.20.0.3', prefix: '25', isLeftAlone: false },
    ],
  });
});

test('a guest without files is none', () => {
  expect(readVserverFiles('none')).toBeUndefined();
  write('plain/name', 'plain');
  expect(readVserverFiles('plain')).toEqual({ hasNamespace: false, isShared: false, interfaces: [] });
});
