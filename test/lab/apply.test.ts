import { beforeEach, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

/* A configuration that was edited is applied to the guests that run: what changed, and nothing else. */

const { test, lab, web, other } = labTest({ guests: ['web', 'other'], forwarding: 'DROP' });
beforeEach(() => {
  configure('"8080:80", "8081:80"', '"8082:80"');
  lab.hook(web, 'started');
  lab.hook(other, 'started');
  lab.guestgate('replay');
});

function configure(ofWeb: string, ofOther: string): void {
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\nforward = [${ofWeb}]\n[guest.other]\naddress = "${other.address}"\nforward = [${ofOther}]\n`,
  );
}

const from = (port: number) => lab.fetch('client', publicAddress, port);

test('what is new opens, what is gone closes, and the rest keeps its counters', () => {
  from(8080);
  configure('"8080:80", "8083:80"', '"8082:80"');
  const { status, stdout, stderr } = lab.guestgate('apply');
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: `qemu "web":
  - *:8081/tcp -> ${web.address}:80
  + *:8083/tcp -> ${web.address}:80
`,
    stderr: '',
  });
  expect(from(8083)).toContain('hello from guest1');
  expect(from(8081)).toContain('refused');
  expect(lab.guestgate('status').stdout).toMatch(/8080\/tcp.*\b1\b/);
  expect(lab.guestgate('check').status).toBe(0);
});

test('--dry-run shows it, and changes nothing', () => {
  configure('"8083:80"', '"8082:80"');
  const before = lab.ruleset();
  expect(lab.guestgate('apply', '--dry-run').stdout).toContain('+ *:8083/tcp');
  expect(lab.ruleset()).toBe(before);
  expect(lab.guestgate('check').status).toBe(1);
});

test('a port that one guest gives up another can have, also crosswise', () => {
  configure('"8082:80"', '"8080:80", "8081:80"');
  expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
  expect(from(8082)).toContain('hello from guest1');
  expect(from(8080)).toContain('hello from guest2');
  expect(from(8081)).toContain('hello from guest2');
  expect(lab.guestgate('check').status).toBe(0);
});

test('a guest whose policy is gone is closed, and one that is named alone changes alone', () => {
  lab.configure(`[guest.other]\naddress = "${other.address}"\nforward = ["8084:80"]\n`);
  expect(lab.guestgate('apply', 'web').status).toBe(0);
  expect(from(8080)).toContain('refused');
  expect(from(8082)).toContain('hello from guest2');
  expect(lab.guestgate('apply', 'other').status).toBe(0);
  expect(from(8084)).toContain('hello from guest2');
});

test('a mistake is reported with its line, and running guests keep their rules', () => {
  configure('"8080:80", "nonsense"', '"8085:80"');
  const { status, stdout, stderr } = lab.guestgate('apply');
  expect(status).toBe(1);
  expect(stdout).toContain('+ *:8085/tcp');
  expect(stderr).toContain('/etc/guestgate/guestgate.toml:3');
  expect(from(8080)).toContain('hello from guest1');
  expect(from(8085)).toContain('hello from guest2');
});

test('nothing changed: it says so', () => {
  expect(lab.guestgate('apply')).toMatchObject({
    status: 0,
    stdout: 'Nothing to change for 2 guests that run.\n',
  });
});

test('an unknown name is a mistake', () => {
  expect(lab.guestgate('apply', 'nobody')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('no running guest "nobody"'),
  });
});
