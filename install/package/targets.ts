/** A platform that packages are made for. */
export interface Target {
  /** As Node.js and bun name it, in the names of archives: `linux-x64`. */
  readonly name: string;
  /** Bun's name of it (https://bun.sh/docs/bundler/executables#supported-targets). */
  readonly bun: string;
  /** The npm package with bun's executable for it. */
  readonly npm: string;
  /** The names that Debian and rpm have for it. musl has none: its systems have packages of their own. */
  readonly debian?: string;
  readonly rpm?: string;
}

export const targets: readonly Target[] = [
  { name: 'linux-x64', bun: 'bun-linux-x64', npm: '@oven/bun-linux-x64', debian: 'amd64', rpm: 'x86_64' },
  {
    name: 'linux-arm64',
    bun: 'bun-linux-arm64',
    npm: '@oven/bun-linux-aarch64',
    debian: 'arm64',
    rpm: 'aarch64',
  },
  { name: 'linux-x64-musl', bun: 'bun-linux-x64-musl', npm: '@oven/bun-linux-x64-musl' },
  { name: 'linux-arm64-musl', bun: 'bun-linux-arm64-musl', npm: '@oven/bun-linux-aarch64-musl' },
];
