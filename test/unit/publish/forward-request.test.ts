import { describe, expect, test } from 'vitest';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';
import { decideEdit, type TakenForward } from '../../../src/publish/forward-request.ts';

const forwardsOf = (...forward: unknown[]) =>
  parseGuestTable({ forward }, { file: '', path: [] }).policy.forwards ?? [];
const had = forwardsOf('80', { port: '8443', to: '443', from: ['198.51.100.0/24'] });
const taken: TakenForward[] = forwardsOf('203.0.113.11:25:25').map((forward) => ({
  forward,
  guest: 'mail',
  where: () => '/m.toml:3',
}));
const publish = (texts: string[], terms = {}) => decideEdit({ kind: 'publish', texts, terms }, had, taken);

describe('publish', () => {
  test('adds what the guest does not have', () => {
    const { edit, notes, problems } = publish(['81', '80']);
    expect(edit.add.map(({ forward }) => forward.text)).toEqual(['81']);
    expect({ notes, problems }).toEqual({ notes: ['80 is already published'], problems: [] });
  });

  test('adds a forward that is named twice once', () => {
    const { edit, notes } = publish(['81', '81:81/tcp']);
    expect(edit.add).toHaveLength(1);
    expect(notes).toEqual(['81:81/tcp is already published']);
  });

  test.each<[string, string[], object, string]>([
    [
      'the same forward for other sources',
      ['8443:443'],
      {},
      '8443:443 is already published, for 198.51.100.0/24: unpublish it first',
    ],
    [
      'the same forward with limits',
      ['80'],
      { connections: 3 },
      "80 is already published, for the guest's allow_from, or all sources: unpublish it first",
    ],
    [
      'another port of the guest',
      ['80:81'],
      {},
      "80:81 contradicts the guest's own 80: unpublish that first",
    ],
    [
      'a forward of another guest',
      ['203.0.113.11:25:25'],
      {},
      '203.0.113.11:25:25: 203.0.113.11:25/tcp is taken: /m.toml:3: guest "mail" has 203.0.113.11:25:25',
    ],
  ])('refuses %s', (_, texts, terms, problem) => {
    expect(publish(texts, terms)).toMatchObject({ edit: { add: [] }, problems: [problem] });
  });
});

describe('unpublish', () => {
  const unpublish = (texts: readonly string[] | 'all', forwards = had) =>
    decideEdit({ kind: 'unpublish', texts }, forwards, taken);

  test('removes the named forwards, by their index', () => {
    expect(unpublish(['8443'])).toEqual({ edit: { add: [], remove: [1] }, notes: [], problems: [] });
  });

  test('removes all forwards, or notes that there are none', () => {
    expect(unpublish('all').edit.remove).toEqual([0, 1]);
    expect(unpublish('all', [])).toEqual({
      edit: { add: [], remove: [] },
      notes: ['has no forwards'],
      problems: [],
    });
  });

  test('refuses a forward that the guest does not have', () => {
    expect(unpublish(['25']).problems).toEqual([
      expect.stringMatching(/^25 is not published; its forwards: 80/),
    ]);
  });
});
