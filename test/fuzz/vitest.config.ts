import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** npx vitest run --config test/fuzz/vitest.config.ts */
export default defineConfig({
  test: { root: fileURLToPath(new URL('.', import.meta.url)), include: ['*.test.ts'] },
});
