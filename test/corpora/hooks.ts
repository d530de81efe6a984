import { Lab } from '../support/lab.ts';
import { repositoryPath } from '../support/repository.ts';

/** A text that libvirt might hand to a hook, and where it is from. */
export interface HookInput {
  readonly name: string;
  readonly text: string;
}

export interface Called {
  /** Which of the texts. */
  readonly input: number;
  readonly operation: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** The most that it held in memory. */
  readonly megabytes: number;
}

/** What one call may take: invariant 10 in ARCHITECTURE.md, and a third more than a hook takes with a usual guest. */
const mostSeconds = 10;
const mostMegabytes = 120;

const guest = 'corpus';

/**
 * Calls the built program as libvirt does when a guest starts and stops, with each text.
 *
 * @returns how many calls were not as they should be
 */
export async function callHooks(inputs: readonly HookInput[]): Promise<number> {
  const lab = await Lab.create();
  try {
    lab.configure(`[guest.${guest}]\naddress = "192.168.122.41"\nforward = ["8080:80"]\n`);
    lab.host.write('/tmp/inputs.json', JSON.stringify(inputs.map(({ text }) => text)));
    const { stdout } = lab.host.run(
      process.execPath,
      [repositoryPath('test/corpora/call-hooks.ts'), guest, '/tmp/inputs.json'],
      { timeout: 7_200_000 },
    );
    const calls = JSON.parse(stdout) as Called[];
    const wrong = calls.flatMap((call) => {
      const why = faultOf(call);
      return why === undefined ? [] : [`${inputs[call.input]?.name} ${call.operation}: ${why}`];
    });
    for (const line of wrong.slice(0, 40)) console.log(line);
    const refused = calls.filter(({ stderr }) => stderr.includes('reading the domain XML')).length;
    console.log(
      `hooks, ${calls.length} calls: ${wrong.length} failed, ${refused} named the XML as what is wrong; ` +
        `at most ${Math.max(...calls.map(({ seconds }) => seconds)).toFixed(2)} s and ` +
        `${Math.max(...calls.map(({ megabytes }) => megabytes)).toFixed(0)} MB`,
    );
    const left = JSON.parse(lab.guestgate('status', '--json').stdout).guests.length;
    if (left > 0) console.log(`${left} guests are left after the last stop`);
    return wrong.length + left;
  } finally {
    await lab.destroy();
  }
}

function faultOf({ exitCode, stdout, stderr, seconds, megabytes }: Called): string | undefined {
  if (exitCode !== 0) return `exit code ${exitCode}: ${stderr.slice(0, 300)}`;
  if (stdout !== '') return `stdout: ${stdout.slice(0, 300)}`;
  if (/a bug|TypeError|\n +at /.test(stderr)) return stderr.slice(0, 500);
  if (seconds > mostSeconds) return `took ${seconds} s`;
  if (megabytes > mostMegabytes) return `took ${megabytes} MB`;
  const error = /error: (.*)/.exec(stderr)?.[1];
  // It says whose fault it is: the XML's, the guest's or an interface's.
  return error !== undefined && !/guest|interface|XML/.test(error) ? `names no place: ${error}` : undefined;
}
