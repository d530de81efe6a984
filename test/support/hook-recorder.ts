import type { HookName } from '../../src/model/event.ts';
import type { LibvirtHost } from './libvirt-host.ts';

const file = '/tmp/hook-calls';

/** Hooks of another program, which write down what libvirt calls. libvirt runs them after guestgate's. */
export class HookRecorder {
  private readonly host: LibvirtHost;

  /** @param hooks libvirtd has to be reloaded afterwards if it had none of these when it started */
  constructor(host: LibvirtHost, hooks: readonly HookName[]) {
    this.host = host;
    for (const hook of hooks) {
      const path = `/etc/libvirt/hooks/${hook}.d/10-record`;
      host.sandbox.write(path, `#!/bin/sh\necho "${hook} $1 $2" >>${file}\ncat >/dev/null\n`);
      host.sandbox.sh(`chmod +x ${path}`);
    }
  }

  /**
   * The calls since the last time, in their order: `qemu web started`. Each only once: at the end of a guest both the
   * process that ends it and the one that sees it end may call.
   */
  calls(): string[] {
    const lines = this.host.sandbox.sh(`cat ${file} 2>/dev/null || true; rm -f ${file}`).split('\n');
    return [...new Set(lines.filter((line) => line !== ''))];
  }
}
