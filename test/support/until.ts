/**
 * Waits for a condition, and says which one it was if it does not come true. A look mostly starts a program: the longer it has
 * waited, the less often it looks.
 */
export async function until(what: string, holds: () => boolean, seconds = 200): Promise<void> {
  const began = Date.now();
  while (!holds()) {
    const waited = Date.now() - began;
    if (waited > seconds * 1000) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(waited / 4, 50), 500)));
  }
}
