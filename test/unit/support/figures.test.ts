import { expect, test } from 'vitest';
import { withFigures } from '../../support/figures.ts';

const document = 'Before.\n\n<!-- npm run x -->\n\nold\n\n<!-- end of npm run x -->\n\nAfter.\n';

test('figures replace what is between the comments, and nothing else', () => {
  const written = withFigures(document, 'npm run x', '| new |\n');
  expect(written).toBe(document.replace('old', '| new |'));
  expect(withFigures(written, 'npm run x', '| new |')).toBe(written);
});

test('a document without that part is an error', () => {
  expect(() => withFigures(document, 'npm run y', 'new')).toThrow('npm run y');
});
