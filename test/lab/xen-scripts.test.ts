import { afterAll, beforeAll, test } from 'vitest';
import { XenLab } from '../support/xen-lab.ts';

let xen: XenLab;
beforeAll(async () => {
  xen = await XenLab.create();
});
afterAll(async () => {
  await xen.destroy();
});

test('try', () => {
  xen.lab.configure('[guest.web]\nforward = ["8080:80"]\n');
  const web = xen.start('web', [{ ip: '10.99.0.2 fd00:99::2' }]);
  console.log(xen.log(), xen.status(web));
  console.log(xen.lab.guestgate('status').stdout, xen.lab.ruleset());
  console.log(xen.lab.guestgate('check').stdout);
  xen.end(web);
  console.log(xen.log());
  console.log(xen.lab.guestgate('check').stdout);
});
