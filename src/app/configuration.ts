import type { ConfigurationFile } from '../model/configuration-file.ts';
import { places } from '../model/places.ts';
import type { Problem } from '../model/problem.ts';
import { type Configuration, parseConfiguration } from '../policy/configuration.ts';
import { mainFile, readConfigurationFiles } from '../system/configuration-files.ts';

export interface LoadedConfiguration extends Configuration {
  readonly files: readonly ConfigurationFile[];
}

/** The configuration as it stands on disk now. Never throws: all that is wrong stands in it. */
export function loadConfiguration(): LoadedConfiguration {
  const files = readConfigurationFiles(places.configuration);
  return { ...parseConfiguration(files, mainFile(places.configuration)), files };
}

/** Gives each problem the line it stands on. The files are parsed anew for it, by a slower parser. */
export async function locate(
  problems: readonly Problem[],
  files: readonly ConfigurationFile[],
): Promise<Problem[]> {
  if (!problems.some((problem) => problem.path !== undefined)) return [...problems];
  const { lineOf } = await import('../policy/toml-lines.ts');
  return problems.map(({ path, ...problem }) => {
    const text = path && files.find((file) => file.path === problem.where)?.text;
    return path === undefined || text === undefined
      ? problem
      : { ...problem, where: `${problem.where}:${lineOf(text, path)}` };
  });
}
