import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { editForwards, entriesWith, forwardsIn } from '../../../src/publish/edit-forwards.ts';
import { parseNewForwards } from '../../../src/publish/new-forwards.ts';
import { seeded } from '../fixtures.ts';

const path = '/g.toml';

function add(text: string, texts: readonly string[], from?: readonly string[], guest = 'web') {
  const { forwards, problems } = parseNewForwards(texts, from && { from });
  expect(problems).toEqual([]);
  return editForwards({ path, text }, guest, { add: forwards, remove: [] });
}

function remove(text: string, ...indexes: readonly number[]) {
  return editForwards({ path, text }, 'web', { add: [], remove: indexes });
}

const plus = '"8443:443"';

describe('a forward is added', () => {
  test.each<[string, string, string]>([
    [
      'to a list on one line',
      '[guest.web]\nforward = ["80"] # c\n',
      `[guest.web]\nforward = ["80", ${plus}] # c\n`,
    ],
    ['to one with blanks', 'guest.web.forward=[ "80" ]', `guest.web.forward=[ "80", ${plus} ]`],
    [
      'to one that ends with a comma',
      '[guest.web]\nforward = ["80",]\n',
      `[guest.web]\nforward = ["80", ${plus},]\n`,
    ],
    ['to an empty list', '[guest.web]\nforward = []\n', `[guest.web]\nforward = [${plus}]\n`],
    [
      'to a list with a line each',
      '[guest.web]\nforward = [\n  "80", # web\n  "53:53/udp" # dns\n]\n',
      `[guest.web]\nforward = [\n  "80", # web\n  "53:53/udp", # dns\n  ${plus}\n]\n`,
    ],
    [
      'to one with a comma behind the last',
      '[guest.web]\nforward = [\n\t"80", # web\n\t# more to come\n]\n',
      `[guest.web]\nforward = [\n\t"80", # web\n\t${plus},\n\t# more to come\n]\n`,
    ],
    [
      'to one whose bracket closes on the last line',
      '[guest.web]\nforward = ["80",\n           "81"]\n',
      `[guest.web]\nforward = ["80",\n           "81",\n           ${plus}]\n`,
    ],
    [
      'to one with leading commas',
      '[guest.web]\nforward = [ "80"\n, "81"\n]',
      `[guest.web]\nforward = [ "80"\n, "81", ${plus}\n]`,
    ],
    [
      'to a list of comments',
      '[guest.web]\nforward = [\n    # none\n]\n',
      `[guest.web]\nforward = [\n    # none\n    ${plus},\n]\n`,
    ],
    ['to a text', "[guest.web]\nforward = '80' # c\n", `[guest.web]\nforward = ['80', ${plus}] # c\n`],
    [
      'to tables',
      '[[guest.web.forward]]\nport = 80 # c\n\n[[guest.web.forward]]\nport = 81\n\n# dns\n[guest.dns]\n',
      '[[guest.web.forward]]\nport = 80 # c\n\n[[guest.web.forward]]\nport = 81\n\n[[guest.web.forward]]\nport = "8443"\nto = "443"\n\n# dns\n[guest.dns]\n',
    ],
    [
      'below the keys of a guest without forwards',
      '[guest.web] # c\naddress    = "192.168.122.41" # d\n\n[guest.dns]\n',
      `[guest.web] # c\naddress    = "192.168.122.41" # d\nforward    = [${plus}]\n\n[guest.dns]\n`,
    ],
    [
      'behind aligned dotted keys',
      'guest.web.address   = "10.0.0.1"\n',
      `guest.web.address   = "10.0.0.1"\nguest.web.forward   = [${plus}]\n`,
    ],
    ['below a bare header', '[guest.web] # c', `[guest.web] # c\nforward = [${plus}]`],
    [
      'to an inline table',
      '[guest]\nweb = { address = "10.0.0.1" } # c\n',
      `[guest]\nweb = { address = "10.0.0.1", forward = [${plus}] } # c\n`,
    ],
    ['to an empty inline table', 'guest = { web = {} }', `guest = { web = { forward = [${plus}] } }`],
    [
      'behind dotted keys',
      'guest.web.address = "10.0.0.1" # c\nguest.dns.forward = "53"\n',
      `guest.web.address = "10.0.0.1" # c\nguest.web.forward = [${plus}]\nguest.dns.forward = "53"\n`,
    ],
    [
      'behind dotted keys in an inline table',
      'guest = { "web".address = "10.0.0.1" }',
      `guest = { "web".address = "10.0.0.1", "web".forward = [${plus}] }`,
    ],
    [
      'to a file without the guest',
      '# c\n[guest.dns]',
      `# c\n[guest.dns]\n\n[guest.web]\nforward = [${plus}]\n`,
    ],
    ['to an empty file', '', `[guest.web]\nforward = [${plus}]\n`],
    [
      'and lines end as they do',
      '[guest.web]\r\nsnat = "10.0.0.1"\r\n',
      `[guest.web]\r\nsnat = "10.0.0.1"\r\nforward = [${plus}]\r\n`,
    ],
    [
      'and a byte order mark stays',
      '\ufeff[guest.web]\nforward = ["80"]',
      `\ufeff[guest.web]\nforward = ["80", ${plus}]`,
    ],
  ])('%s', (_, before, after) => {
    expect(add(before, ['8443:443'])).toEqual({ text: after });
  });

  test('with sources as a table', () => {
    expect(add('', ['203.0.113.11:8443:443', '53/udp'], ['198.51.100.0/24'])).toEqual({
      text: '[guest.web]\nforward = [{ host = "203.0.113.11", port = "8443", to = "443", from = ["198.51.100.0/24"] }, { port = "53", protocol = "udp", from = ["198.51.100.0/24"] }]\n',
    });
  });

  test('with limits, at 127.0.0.1, and to an interface, as a table', () => {
    const { forwards } = parseNewForwards(['80'], {
      rate: '10/second',
      connections: 3,
      loopback: true,
      nic: 2,
    });
    expect(editForwards({ path: 'f', text: '' }, 'web', { add: forwards, remove: [] })).toEqual({
      text: '[guest.web]\nforward = [{ port = "80", rate = "10/second", connections = 3, loopback = true, nic = 2 }]\n',
    });
  });

  test('not where a term is none', () => {
    const problems = (terms: object) => parseNewForwards(['80', '81'], terms).problems;
    expect(problems({ rate: 'often' })[0]).toMatch(/^rate: invalid rate "often"/);
    expect(problems({ mac: 'x' })[0]).toMatch(/^mac: .*MAC address/);
    expect(problems({ network: 'a', nic: 1 })).toHaveLength(1);
    expect(problems({ from: ['nowhere'] })).toHaveLength(1);
  });

  test.each(['two words', 'a.b', 'quote"', "'", '__proto__', '-x', 'ü', 'tab\t', '\u001b[1m', '😀'])(
    'to a guest called %j',
    (name) => {
      const first = add('# c\n', ['80'], undefined, name) as { text: string };
      const second = add(first.text, ['81'], undefined, name) as { text: string };
      expect(forwardsIn(parse(second.text), name)).toEqual(['80', '81']);
      expect(second.text).toBe(first.text.replace('"80"', '"80", "81"'));
    },
  );
});

describe('a forward is removed', () => {
  test.each<[string, string, readonly number[], string]>([
    [
      'from the head of a line',
      'guest.web.forward = ["80", "81", "82"]',
      [0],
      'guest.web.forward = ["81", "82"]',
    ],
    ['from its middle', 'guest.web.forward = ["80", "81", "82"]', [1], 'guest.web.forward = ["80", "82"]'],
    ['from its end', 'guest.web.forward = ["80", "81", "82" ]', [2], 'guest.web.forward = ["80", "81" ]'],
    ['before a last comma', 'guest.web.forward = ["80", "81",]', [1], 'guest.web.forward = ["80",]'],
    ['as the only one', 'guest.web.forward = [ "80", ] # c', [0], 'guest.web.forward = [] # c'],
    ['as a text', 'guest.web.forward = "80" # c', [0], 'guest.web.forward = [] # c'],
    [
      'with its line and its own comment',
      '[guest.web]\nforward = [\n  # first\n  "80", # web\n  # second\n  "81", # dns\n]\n',
      [0],
      '[guest.web]\nforward = [\n  # first\n  # second\n  "81", # dns\n]\n',
    ],
    [
      'with the comma of the line above, where the last one had none',
      '[guest.web]\nforward = [\n  "80", # web\n  "81"\n]\n',
      [1],
      '[guest.web]\nforward = [\n  "80" # web\n]\n',
    ],
    [
      'leaving an empty list',
      '[guest.web]\nforward = [\n  "80",\n  # c\n  "81",\n]\n',
      [0, 1],
      '[guest.web]\nforward = [\n  # c\n]\n',
    ],
    [
      'from lines that hold several',
      'guest.web.forward = ["80", "81",\n  "82", "83"]',
      [1, 3],
      'guest.web.forward = ["80",\n  "82"]',
    ],
    [
      'behind a comment',
      'guest.web.forward = ["80", # c\n "81" ]',
      [1],
      'guest.web.forward = ["80" # c\n  ]',
    ],
    ['with leading commas', 'guest.web.forward = [ "80"\n, "81"\n]', [1], 'guest.web.forward = [ "80"\n\n]'],
    [
      'as a table',
      '# c\n[[guest.web.forward]] # d\nport = 80\n\n# e\n[[guest.web.forward]]\nport = 81\n\n[guest.dns]\n',
      [1],
      '# c\n[[guest.web.forward]] # d\nport = 80\n\n# e\n\n[guest.dns]\n',
    ],
    [
      'as every table',
      '[host]\n\n[[guest.web.forward]]\nport = 80\n\n[[guest.web.forward]]\nport = 81\n\n[guest.dns]\n',
      [0, 1],
      '[host]\n\n[guest.dns]\n',
    ],
    [
      'that is a table in a list',
      'guest.web.forward = [{ port = 80, to = 81 }, "82"]',
      [0],
      'guest.web.forward = ["82"]',
    ],
  ])('%s', (_, before, indexes, after) => {
    expect(remove(before, ...indexes)).toEqual({ text: after });
  });
});

describe('what cannot be changed safely is refused, with its line', () => {
  test.each<[string, string, string]>([
    ['a number', '\n[guest.web]\nforward = 80\n', '/g.toml:3'],
    ['a table', '[guest.web]\n[guest.web.forward]\nport = 80\n', '/g.toml:2'],
    ['guests that are not tables', '\nguest = 1', '/g.toml:2'],
    ['a guest that is not a table', '[guest]\nweb = "80"', '/g.toml:2'],
    ['an inline table that the guest is missing in', '\nguest = { dns = {} }', '/g.toml:2'],
    ['no TOML', '[guest', '/g.toml:1'],
  ])('%s', (_, text, where) => {
    expect(add(text, ['80'])).toMatchObject({ problem: { where } });
  });
});

test('a hundred random changes: nothing but forwards of this guest changes, and adding is undone by removing', () => {
  const random = seeded(7);
  const pick = <T>(list: readonly T[]) => list[random(list.length)] as T;
  const entry = () =>
    pick(['"80"', "'81:443'", '{ port = 82 }', '{ port = "83", from = ["10.0.0.0/8"] }', '"90-99/udp"']);
  const comment = () => pick(['', ' # "80", ]', ' # ü 😀']);
  for (let round = 0; round < 100; round++) {
    const eol = pick(['\n', '\r\n']);
    const count = random(5);
    const entries = Array.from({ length: count }, entry);
    const list = pick([
      () => `[${entries.join(', ')}${count > 0 ? pick(['', ',', ' ,']) : ''}]`,
      () =>
        `[${eol}${entries.map((one) => `  ${one},${comment()}${eol}`).join('')}${pick(['', `  # end${eol}`])}]`,
      () => `[${comment()}${eol}${entries.join(`${comment()}${eol},${comment()}${eol}`)}${comment()}${eol}]`,
      () => `[${entries.join(`,${comment()}${eol}     `)}${pick([']', `${comment()}${eol}]`])}`,
    ])();
    const head = `# ${round}${eol}[guest."a b"]${eol}forward = ["80"]${comment()}${eol}[guest.web]${comment()}${eol}`;
    const tail = `${comment()}${eol}${pick(['', `address = "10.0.0.1"${eol}`])}[host]${eol}metadata = true${comment()}`;
    const text = `${head}forward = ${list}${tail}`;

    const added = add(text, ['8443:443', '53/udp'], pick([undefined, ['198.51.100.0/24']]));
    if ('problem' in added) throw new Error(`round ${round}: ${text}`);
    expect(added.text.startsWith(`${head}forward = [`) && added.text.endsWith(tail)).toBe(true);
    expect(commentsOf(added.text)).toEqual(commentsOf(text));
    const back = remove(added.text, count, count + 1);
    if ('problem' in back) throw new Error(`round ${round}: ${added.text}`);
    expect(forwardsIn(parse(back.text), 'web')).toEqual(forwardsIn(parse(text), 'web'));

    const gone = [...Array(count).keys()].filter(() => random(2) === 0);
    const less = remove(text, ...gone);
    if ('problem' in less) throw new Error(`round ${round}: ${text}`);
    expect(less.text.startsWith(`${head}forward = [`) && less.text.endsWith(tail)).toBe(true);
    expect(forwardsIn(parse(less.text), 'web')).toEqual(
      forwardsIn(parse(text), 'web').filter((_, index) => !gone.includes(index)),
    );
  }
});

describe('entries of forwards', () => {
  const text = '[guest.web]\nforward = ["80", "53/tcp+udp", { port = 81 }]\n';

  test('an entry of several protocols is several forwards', () => {
    expect(entriesWith(text, 'web', [0, 3])).toEqual({ entries: [0, 2] });
    expect(entriesWith(text, 'web', [1, 2])).toEqual({ entries: [1] });
  });

  test('an entry of which some forwards stay is named', () => {
    expect(entriesWith(text, 'web', [2])).toEqual({ partly: '"53/tcp+udp"' });
  });

  test('a guest without forwards has no entries', () => {
    expect(entriesWith('', 'web', [])).toEqual({ entries: [] });
  });
});

function commentsOf(text: string): string[] {
  return text.match(/#.*/g) ?? [];
}
