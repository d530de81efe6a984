import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryPath } from '../support/repository.ts';
import { buildImages, pack } from './build-images.mjs';

/** Something to do in dom0, with bash -e. */
export interface Step {
  readonly name: string;
  readonly script: string;
}

/** What became of it. */
export interface StepReport {
  readonly ok: boolean;
  /** What it wrote. */
  readonly said: string;
  /** Seconds. */
  readonly took: number;
}

/** How long all of it may take, in seconds: some machines are slow, and others busy. */
const patience = 1500;

/**
 * Boots a machine with Xen on an emulated processor, which needs neither hardware's help nor a host without a
 * hypervisor, and does the steps in its dom0, where the built program lies in /usr/bin.
 *
 * @returns a report for each step that was begun, in their order
 */
export async function runInDom0(steps: readonly Step[]): Promise<StepReport[]> {
  const images = buildImages();
  const work = mkdtempSync(join(tmpdir(), 'guestgate-xen-'));
  try {
    const ramdisk = join(work, 'dom0.cpio');
    pack(layerOf(steps, join(work, 'layer')), join(work, 'layer.cpio'));
    writeFileSync(
      ramdisk,
      Buffer.concat([join(images, 'dom0.cpio'), join(work, 'layer.cpio')].map((file) => readFileSync(file))),
    );
    const log = join(work, 'log');
    const ended = await emulate(images, ramdisk, { console: join(work, 'console'), log });
    const text = readFileSync(log, 'utf8').replaceAll('\r', '');
    cpSync(log, join(images, 'last.log'));
    if (!/^@@ \S+ done$/m.test(text)) {
      const tail = readFileSync(join(work, 'console'), 'latin1').slice(-3000);
      throw new Error(`Xen ended early (${ended}):\n${text.slice(-3000)}\n--- console:\n${tail}`);
    }
    return steps.map((_, index) => reportOf(text, index));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What is added to dom0's system for this run. */
function layerOf(steps: readonly Step[], root: string): string {
  mkdirSync(join(root, 'lab/steps'), { recursive: true });
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  cpSync(repositoryPath('dist/guestgate'), join(root, 'usr/bin/guestgate'));
  for (const [index, { script }] of steps.entries())
    writeFileSync(join(root, 'lab/steps', String(index)), script);
  cpSync(repositoryPath('test/xen/dom0-functions.sh'), join(root, 'lab/functions.sh'));
  return root;
}

async function emulate(
  images: string,
  ramdisk: string,
  files: { readonly console: string; readonly log: string },
): Promise<string> {
  // eager-fpu: Xen loads a domain's FPU and vector registers whenever it switches to that domain. Without it, which
  // "no" would mean, Xen sets CR0.TS and waits for the exception #NM. QEMU's XSAVE and XRSTOR do not raise #NM, so that
  // dom0's Linux saves and loads registers of another domain: programs in dom0 crash, or compute wrong results.
  const xen =
    'console=com1 com1=115200,8n1 dom0_mem=1100M,max:1100M noreboot=0 bootscrub=0 spec-ctrl=no,eager-fpu xpti=no sched=credit';
  const linux = 'console=hvc0 rdinit=/init mitigations=off panic=-1 net.ifnames=0 quiet';
  const args = [
    // Time passes by what is computed, not by the clock: on a busy machine nothing in there times out.
    ...[
      '-accel',
      'tcg,thread=single',
      '-icount',
      'shift=1,sleep=off',
      '-cpu',
      // x2apic: with it, QEMU 10 ends with "Bad icount read" when Xen starts.
      'max,smap=off,x2apic=off',
      '-M',
      'q35',
      '-m',
      '1600M',
      '-smp',
      '1',
    ],
    ...['-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${files.console}`, '-serial', `file:${files.log}`],
    ...['-kernel', join(images, 'xen'), '-append', xen],
    ...['-initrd', `${join(images, 'vmlinux')} ${linux},${ramdisk}`],
  ];
  const machine = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  machine.stderr.on('data', (data: Buffer) => {
    said += String(data);
  });
  const timer = setTimeout(() => machine.kill('SIGKILL'), patience * 1000);
  const code = await new Promise<number | null>((resolve, reject) => {
    machine.once('error', reject);
    machine.once('close', resolve);
  });
  clearTimeout(timer);
  return code === null ? `not within ${patience} s` : `exit code ${code} ${said}`;
}

/** `@@ SECONDS step N`, what it wrote, `@@ SECONDS end N ok`. */
function reportOf(log: string, index: number): StepReport {
  const found = new RegExp(`^@@ (\\S+) step ${index}\\n([\\s\\S]*?)^@@ (\\S+) end ${index} (.*)$`, 'm').exec(
    log,
  );
  const [, began = '0', said = '', ended = '0', verdict = 'not begun'] = found ?? [];
  return {
    ok: verdict === 'ok',
    said: verdict === 'ok' ? said : `${said}${verdict}`,
    took: Number(ended) - Number(began),
  };
}
