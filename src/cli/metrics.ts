import { Command } from 'commander';
import { type Metric, readMetrics, type Sample } from '../check/metrics.ts';
import { exitCodes } from '../model/exit-code.ts';
import { visibleLine } from '../model/visible-text.ts';
import { replacePublicFile } from '../system/public-file.ts';
import { print } from './output.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate metrics`: for the textfile collector of node_exporter. */
export function metricsCommand(finish: (exitCode: number) => void): Command {
  return new Command('metrics')
    .summary('print metrics for Prometheus')
    .description(
      'Print metrics in the text format of Prometheus: guests, forwards, connections, hook calls, errors, repairs, and when ' +
        "rules last changed. With --output it replaces a file, for node_exporter's textfile collector: guestgate-metrics.timer does that every minute.",
    )
    .option('--output <file>', 'write to this file, which every user may read; its name ends in .prom')
    .action(async ({ output }: { output?: string }) => {
      requireRoot('metrics');
      const text = renderMetrics(await readMetrics());
      if (output === undefined) print(text);
      else replacePublicFile(output, text);
      finish(exitCodes.done);
    });
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
        ...samples.map(({ labels, value }) => `${name}${renderLabels(labels)} ${value}\n`),
      ].join(''),
    )
    .join('');
}

function renderLabels(labels: Sample['labels']): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(([label, value]) => {
    const escaped = visibleLine(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    return `${label}="${escaped}"`;
  });
  return `{${pairs.join(',')}}`;
}
