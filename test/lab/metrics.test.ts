import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

const { test, lab, web } = labTest({ guests: ['web'] });

/** A line of the text format: a comment, or a name with labels and a number. */
const line = /^(# (HELP|TYPE) guestgate_\w+ .+|guestgate_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+]+)$/;

test('what hooks, connections and errors leave is counted, and every line is well-formed', () => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  lab.hook(web, 'started');
  lab.fetch('client', publicAddress, 8080);
  lab.host.run('/etc/libvirt/hooks/qemu', ['web', 'started', 'begin', '-'], {
    input: '<domain',
    mayFail: true,
  });
  const { stdout } = lab.guestgate('metrics');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .filter((one) => !line.test(one)),
  ).toEqual([]);
  expect(stdout).toContain('guestgate_connections_total{driver="qemu",guest="web"} 1\n');
  expect(stdout).toContain('guestgate_hook_calls_total 2\n');
  expect(stdout).toContain('guestgate_hook_errors_total 1\n');
  expect(stdout).toMatch(/^guestgate_state_timestamp_seconds \d{10}/m);
});

test('--output replaces a file that node_exporter may read', () => {
  lab.host.sh('mkdir -p /tmp/textfile');
  expect(lab.guestgate('metrics', '--output', '/tmp/textfile/guestgate.prom').status).toBe(0);
  expect(lab.host.sh('ls /tmp/textfile; stat -c %a /tmp/textfile/guestgate.prom')).toBe(
    'guestgate.prom\n644\n',
  );
  expect(lab.guestgate('metrics', '--output', '/tmp/none/guestgate.prom')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('writing /tmp/none/guestgate.prom'),
  });
});
