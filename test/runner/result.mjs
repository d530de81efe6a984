import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {{ where: string, lines: readonly string[] }} Note what failed or was skipped, and the first lines of why
 * @typedef {{ passed: number, failed: readonly Note[], skipped: readonly Note[] }} Result
 */

/** How many lines of a reason are shown. */
const shown = 6;

/**
 * @param step its name
 * @param report the file that the reporter wrote
 * @param ended how vitest ended: its exit code or signal, and what it printed
 * @returns {Result} a run that ended badly has a failure, whatever its report says
 */
export function resultOfVitest(step, report, ended) {
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').filter(Boolean) : [];
  const entries = lines.map((line) => JSON.parse(line));
  const tests = entries.filter(({ kind }) => kind === 'test');
  const failed = tests.filter(({ state }) => state === 'failed').map(failureOf);
  const skipped = tests.filter(({ state }) => state === 'skipped' || state === 'pending');
  const passed = tests.filter(({ state }) => state === 'passed').length;
  return {
    passed,
    failed: [...failed, ...failuresOfRun(step, entries, ended, failed.length === 0)],
    skipped: skipped.map(({ file, name, note }) => ({
      where: `${file}: ${name}`,
      lines: [note ?? 'it gives no reason'],
    })),
  };
}

/** @returns {Result} of a step that is one test by itself */
export function resultOfCommand(step, ended) {
  if (ended.status === 0) return { passed: 1, failed: [], skipped: [] };
  return {
    passed: 0,
    failed: [{ where: `${step}: ${wayOfEnd(ended)}`, lines: firstLines(ended.output) }],
    skipped: [],
  };
}

function failureOf({ file, name, errors }) {
  const [{ message = 'no error was reported', diff = '', place } = {}] = errors;
  const repository = `${process.cwd()}/`;
  const at = place === undefined ? [] : [`at ${place.replace(repository, '')}`];
  return { where: `${file}: ${name}`, lines: [...firstLines(`${message}\n${diff}`), ...at] };
}

/** What went wrong outside of tests: files that did not end, errors outside of them, a vitest that died. */
function failuresOfRun(step, entries, ended, isUnexplained) {
  const files = (kind) => entries.filter((entry) => entry.kind === kind).map(({ file }) => file);
  const endedFiles = new Set(files('ended'));
  const unfinished = files('began')
    .filter((file) => !endedFiles.has(file))
    .map((file) => ({ where: `${file}: it did not end`, lines: [`vitest ${wayOfEnd(ended)}`] }));
  const run = entries.find(({ kind }) => kind === 'run');
  const outside = (run?.errors ?? []).map(({ message, place }) => ({
    where: `${step}: an error outside of tests`,
    lines: [...firstLines(message), ...(place === undefined ? [] : [`at ${place}`])],
  }));
  const died = { where: `${step}: vitest ${wayOfEnd(ended)}`, lines: lastLines(ended.output) };
  if (run === undefined) return [...unfinished, died];
  const named = [...unfinished, ...outside];
  return named.length === 0 && isUnexplained && ended.status !== 0 ? [died] : named;
}

function wayOfEnd({ status, signal, error }) {
  if (error !== undefined) return `was not started: ${error}`;
  return signal === null ? `ended with exit code ${status}` : `was ended by ${signal}`;
}

function firstLines(text) {
  const lines = plainLines(text);
  return lines.length <= shown ? lines : [...lines.slice(0, shown), `(${lines.length - shown} more lines)`];
}

function lastLines(text) {
  return plainLines(text).slice(-shown);
}

function plainLines(text) {
  return stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trimEnd().slice(0, 200))
    .filter((line) => line !== '');
}
