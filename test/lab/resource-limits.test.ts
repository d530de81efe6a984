import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';

/* README names the limits that a libvirt daemon may have, at the least: its hooks inherit them, and work. */

const least = 'ulimit -v 524288; ulimit -d 393216; ulimit -s 256; ulimit -n 32';

const { test, web } = ownLabTest({ guests: ['web'] });

test.for(['nftables', 'iptables-nft'] as const)(
  'hooks work within the least limits: %s',
  (backend, { lab }) => {
    lab.useBackend(backend);
    const forwards = Array.from({ length: 10 }, (_, index) => `"${8080 + index}:80"`).join(', ');
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = [${forwards}]\n`);
    for (const [operation, answer] of [
      ['started', 'hello from guest1'],
      ['reconnect', 'hello from guest1'],
      ['stopped', 'refused'],
    ] as const) {
      lab.host.write('/tmp/web.xml', lab.xml(web, operation));
      const call = `exec /etc/libvirt/hooks/qemu web ${operation} begin - </tmp/web.xml`;
      const ran = lab.host.run('sh', ['-c', `${least}; ${call}`], { mayFail: true });
      expect(ran).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') });
      expect(lab.fetch('client', publicAddress, 8089)).toContain(answer);
    }
  },
);
