import { appendFileSync } from 'node:fs';

/**
 * A vitest reporter that appends what it learns to the file that GUESTGATE_REPORT names, a line of JSON at a time: what
 * vitest has reported before a kill stays known. vitest loads a reporter by its default export.
 */
export default class Report {
  onTestModuleStart(module) {
    add({ kind: 'began', file: module.relativeModuleId });
  }

  onTestModuleEnd(module) {
    const file = module.relativeModuleId;
    for (const test of module.children.allTests()) add(outcome(file, test));
    const suites = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
    for (const suite of suites)
      add({ kind: 'test', file, name: around(suite), state: 'failed', errors: suite.errors().map(plain) });
    add({ kind: 'ended', file, seconds: module.diagnostic().duration / 1000 });
  }

  onTestRunEnd(_, errors, reason) {
    add({ kind: 'run', reason, errors: errors.map(plain) });
  }
}

function outcome(file, test) {
  const { state, errors, note } = test.result();
  const seconds = (test.diagnostic()?.duration ?? 0) / 1000;
  const why = note ?? (hasBrokenGroup(test) ? 'its hooks failed' : undefined);
  return {
    ...{ kind: 'test', file, name: test.fullName, state, note: why, seconds },
    errors: (errors ?? []).map(plain),
  };
}

/** Whether an error kept it from running. */
function hasBrokenGroup({ parent }) {
  return parent !== undefined && (parent.errors().length > 0 || hasBrokenGroup(parent));
}

/** Errors outside of tests are those of hooks, or of the file's own statements. */
function around(suite) {
  return suite.type === 'suite' ? `${suite.fullName}: its hooks` : 'the file itself, or its hooks';
}

function plain({ name, message, diff, stacks }) {
  const [frame] = stacks ?? [];
  const place = frame === undefined ? undefined : `${frame.file}:${frame.line}`;
  return { message: name === undefined || name === 'Error' ? message : `${name}: ${message}`, diff, place };
}

function add(line) {
  appendFileSync(process.env.GUESTGATE_REPORT, `${JSON.stringify(line)}\n`);
}
