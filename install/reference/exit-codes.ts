import { type ExitMeaning, exitMeanings } from '../../src/cli/exit-codes.ts';
import { exitCodes } from '../../src/model/exit-code.ts';
import { generated, table } from './markdown.ts';

/** docs/reference/exit-codes.md */
export function renderExitCodes(): string {
  const groups = groupsOf(exitMeanings);
  const head = [
    'code',
    'all commands',
    ...groups.map((names) => names.map((name) => `\`${name}\``).join(', ')),
  ];
  const rows = exitMeanings.map(({ code, meaning, of }) => [
    String(code),
    meaning,
    ...groups.map(([name = '']) => of[name] ?? ''),
  ]);
  return `${[
    generated,
    '# Exit codes',
    table(head, rows),
    '## Hooks',
    `A libvirt hook exits with ${exitCodes.done}, whatever happens, except at \`prepare\` and \`start\` of a guest whose policy says \`on_error = "deny"\`: if a part of the
policy cannot be applied, it exits with ${exitCodes.failed}, and libvirt does not start the guest.`,
    `Called from Xen's vif scripts, guestgate exits with ${exitCodes.done}, or with ${exitCodes.vifRefused} to refuse an interface of a guest whose policy says \`on_error = "deny"\`, or whose sources xenstore does not tell.`,
  ].join('\n\n')}\n`;
}

/** Commands whose codes mean the same, together. */
function groupsOf(meanings: readonly ExitMeaning[]): string[][] {
  const names = [...new Set(meanings.flatMap(({ of }) => Object.keys(of)))];
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = JSON.stringify(meanings.map(({ of }) => of[name]));
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups.values()];
}

/** The same as a list of the manual. */
export function renderExitStatus(): string[] {
  const groups = groupsOf(exitMeanings);
  return exitMeanings.flatMap(({ code, meaning, of }) => [
    `.It ${code}`,
    capital(meaning),
    ...groups.flatMap((names) => {
      const special = of[names[0] ?? ''];
      if (special === undefined) return [];
      return [
        '.Pp',
        ...names.map((name, at) => `.Cm ${name}${at < names.length - 1 ? ' ,' : ' :'}`),
        special,
      ];
    }),
  ]);
}

function capital(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
