import { createInterface } from 'node:readline/promises';
import { Argument, Command } from 'commander';
import { settlePending } from '../apply/confirm.ts';
import { exitCodes } from '../model/exit-code.ts';
import { UserError } from '../model/problem.ts';
import { type EditedFile, fileToEdit, mistakesWith, writeEdited } from '../publish/edited-file.ts';
import { editText } from '../system/run-editor.ts';
import { applyPending } from './apply.ts';
import { confirmOption } from './confirm-time.ts';
import { renderDiff } from './diff.ts';
import { warn } from './findings.ts';
import { print } from './output.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate config edit [FILE]`: as visudo does it. */
export function configCommand(finish: (exitCode: number) => void): Command {
  return new Command('config')
    .summary('edit a configuration file safely: edit a copy, check it, ask, apply')
    .description(
      'Edit a copy of a configuration file with $VISUAL, $EDITOR or vi, check it together with the other files, show the ' +
        'change as a diff, ask, then write and apply it. A text with a mistake is never written.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['edit']))
    .argument('[file]', 'guestgate.toml, which is the default, or a file in /etc/guestgate/guests.d')
    .option('--yes', 'do not ask')
    .addOption(confirmOption())
    .action(async (_: string, name: string | undefined, options: { yes?: boolean; confirm?: number }) => {
      requireRoot('config edit');
      await settlePending();
      const ask = options.yes === true ? async () => 'y' : question;
      finish(await edit(fileToEdit(name), ask, options.confirm));
    });
}

async function edit(
  file: EditedFile,
  ask: (text: string) => Promise<string>,
  confirm: number | undefined,
): Promise<number> {
  const { path, before } = file;
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  let text = before ?? '';
  for (;;) {
    text = editText(path, text, editor);
    if (text === (before ?? '')) {
      print(`${path}: nothing changed`);
      return exitCodes.done;
    }
    const mistakes = await mistakesWith(file, text);
    if (mistakes.length === 0) break;
    warn(mistakes);
    if (!process.stdin.isTTY || !isYes(await ask('Edit it again? [Y/n] '))) {
      print(`${path}: discarded, nothing changed`);
      return exitCodes.mistake;
    }
  }
  print(renderDiff(path, before, text));
  if (!isYes(await ask('Write and apply it? [Y/n] '))) {
    print(`${path}: discarded, nothing changed`);
    return exitCodes.done;
  }
  const pending = await writeEdited(file, text, confirm);
  return (await applyPending({}, pending)) > 0 ? exitCodes.failed : exitCodes.done;
}

function isYes(answer: string): boolean {
  return /^(y|yes|)$/i.test(answer.trim());
}

/** @throws UserError without a terminal */
async function question(text: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UserError('config edit asks on a terminal before it writes: without one, use --yes');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const ending = new AbortController();
  reader.on('SIGINT', () => ending.abort());
  reader.on('close', () => ending.abort());
  try {
    return await reader.question(text, { signal: ending.signal });
  } catch {
    // Ctrl-C and Ctrl-D are no.
    process.stderr.write('\n');
    return 'n';
  } finally {
    reader.close();
  }
}
