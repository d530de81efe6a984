import { expect, test } from 'vitest';
import { renderMapDot, renderMapMermaid } from '../../../src/cli/map-graph.ts';
import { hostMap } from '../host-map.ts';

test('arrows lead from the uplink that has the address, or from the host', () => {
  expect(renderMapDot(hostMap)).toContain('  host -> g0_0 [label="*:8080/tcp -> 80"];');
  expect(renderMapDot(hostMap)).toContain('  u1 -> g0_0 [label="203.0.113.11:8443/tcp -> 443"];');
  expect(renderMapMermaid(hostMap)).toContain('  host -->|"*:8080/tcp -#gt; 80"| g0_0');
});

test('no name ends the text that it is in', () => {
  expect(renderMapDot(hostMap)).toContain('g0_1 [label="</text>\\"\\\\&#\\\\n\\n(ended)"];');
  expect(renderMapMermaid(hostMap)).toContain('g0_1["#lt;/text#gt;#quot;\\#amp;#35;\\n<br/>(ended)"]');
});
