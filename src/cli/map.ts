import { Command, Option } from 'commander';
import { type HostMap, readHostMap } from '../check/host-map.ts';
import { exitCodes } from '../model/exit-code.ts';
import { renderMapDot, renderMapMermaid } from './map-graph.ts';
import { renderMapSvg } from './map-svg.ts';
import { renderMapText } from './map-text.ts';
import { print } from './output.ts';
import { requireRoot } from './require-root.ts';

const formats: Readonly<Record<string, (map: HostMap) => string>> = {
  text: renderMapText,
  svg: renderMapSvg,
  mermaid: renderMapMermaid,
  dot: renderMapDot,
};

/** `guestgate map`: host, uplinks, networks, guests and forwards in one picture. */
export function mapCommand(finish: (exitCode: number) => void): Command {
  return new Command('map')
    .summary('draw the host, its uplinks, networks, guests and forwards')
    .description(
      'Draw the host, its uplinks, the networks of its guests and what leads to each guest: as a tree, as SVG for a browser, ' +
        'as Mermaid for Markdown, or as DOT for graphviz. It shows the guests that have rules now.',
    )
    .addOption(
      new Option('--format <format>', 'of the picture').choices(Object.keys(formats)).default('text'),
    )
    .action(async ({ format }: { format: string }) => {
      requireRoot('map');
      print(formats[format]?.(await readHostMap()) ?? '');
      finish(exitCodes.done);
    });
}
