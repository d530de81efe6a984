/** Waits for a condition, and says which one it was if it does not come true. */
export async function until(what: string, holds: () => boolean, seconds = 200): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
