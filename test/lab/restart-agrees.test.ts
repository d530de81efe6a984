import { expect, test } from 'vitest';
import { Lab, publicAddress, secondAddress } from '../support/lab.ts';
import { mainBackends } from '../support/lab-program.ts';

/*
 * Guests share chains, and a guest that restarts puts its rules behind those of the others: an order that `check` must not
 * take for a difference. Here each guest has a rule in each of these chains.
 */
test.for(mainBackends)(
  'check agrees after the first of several guests has restarted, with %s',
  async (backend) => {
    const lab = await Lab.create({ backend });
    try {
      const guests = ['web', 'mail'].map((name) => lab.addGuest(name, { serve: false }));
      lab.configure(
        guests
          .map(
            ({ name, address }, at) => `[guest.${name}]
address = "${address}"
forward = ["${8080 + at}:80", { host = "${secondAddress}", port = ${8090 + at}, from = ["198.51.100.2"] }]
open = [{ port = 443, from = ["198.51.100.2"] }]
snat = "${publicAddress}"
deny_from = ["198.51.100.7"]
masquerade = true
`,
          )
          .join(''),
      );
      for (const guest of guests) lab.hook(guest, 'started');
      for (const guest of guests) {
        lab.end(guest);
        lab.hook(guest, 'started');
        expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
      }
    } finally {
      await lab.destroy();
    }
  },
);
