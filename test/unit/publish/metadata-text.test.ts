import { describe, expect, test } from 'vitest';
import { editMetadata } from '../../../src/publish/metadata-text.ts';
import { parseNewForwards } from '../../../src/publish/new-forwards.ts';

const add = (text: string | undefined, texts: string[], from?: string[]) =>
  editMetadata(text, { add: parseNewForwards(texts, from && { from }).forwards, remove: [] });
const remove = (text: string, ...indexes: number[]) => editMetadata(text, { add: [], remove: indexes });

const whole = `<guest onError="deny">
  <!-- <portForward><range/></portForward> > -->
  <portForward proto="tcp">
    <range start="8081" to="80"/>
    <!-- two -->
    <range start="8082" to="80"/>
  </portForward>
  <portForward address="203.0.113.11" from=">"><range start="5"></range></portForward>
  <address address="192.168.122.41"/>
</guest>`;

describe('a forward is added', () => {
  test('behind all that is there', () => {
    expect(add(`${whole}\n`, ['203.0.113.11:8443:443', '60000-60010/udp'], ['10.0.0.0/8', '10.1.1.1'])).toBe(
      whole.replace(
        '\n</guest>',
        `
  <portForward proto="tcp" address="203.0.113.11" from="10.0.0.0/8 10.1.1.1">
    <range start="8443" to="443"/>
  </portForward>
  <portForward proto="udp" from="10.0.0.0/8 10.1.1.1">
    <range start="60000" end="60010"/>
  </portForward>
</guest>`,
      ),
    );
  });

  test('with limits and an interface, whatever its network is called', () => {
    const terms = { rate: '10/second', connections: 3, network: 'a"<&b' };
    const edit = { add: parseNewForwards(['80'], terms).forwards, remove: [] };
    expect(editMetadata('<guest/>', edit)).toContain(
      '<portForward proto="tcp" rate="10/second" connections="3" network="a&quot;&lt;&amp;b">',
    );
  });

  test.each([
    [undefined, '<guest>'],
    ['<guest/>', '<guest>'],
    ['<guest onError="deny" />', '<guest onError="deny">'],
    ['<guest></guest>', '<guest>'],
  ])('to %s', (text, opening) => {
    expect(add(text, ['80'])).toBe(
      `${opening}\n  <portForward proto="tcp">\n    <range start="80"/>\n  </portForward>\n</guest>`,
    );
  });
});

describe('a forward is removed', () => {
  test('of several in one element', () => {
    expect(remove(whole, 0)).toBe(whole.replace('\n    <range start="8081" to="80"/>', ''));
  });

  test('with its element, if it was the only one there', () => {
    expect(remove(whole, 2)).toBe(whole.replace(/\n {2}<portForward address.*/, ''));
  });

  test('with all others', () => {
    expect(remove(whole, 0, 1, 2)).toBe(`<guest onError="deny">
  <!-- <portForward><range/></portForward> > -->
  <address address="192.168.122.41"/>
</guest>`);
  });
});

test.each(['', 'guest', '<other/>', '<guest>', '<guest/><guest/>', '<guest><a></guest></a>'])(
  '%j is not understood',
  (text) => {
    expect(add(text, ['80'])).toBeUndefined();
  },
);
