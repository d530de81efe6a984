/** Bun's executable for another platform, and the platform as bun names it. */
export interface Runtime {
  readonly target: string;
  readonly path: string;
}
/** What bun tells of a build (https://bun.sh/docs/bundler#metafile). */
export interface Metafile {
  readonly inputs: Readonly<Record<string, object>>;
}
export function compileExecutable(
  file: string,
  runtime?: Runtime,
  options?: { readonly recording?: boolean },
): Promise<Metafile>;
export function bundleForNode(file: string): Promise<void>;
