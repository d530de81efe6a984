/** See build-images.mjs. */
export function buildImages(): string;
export function whyNotHere(): string | undefined;
export function pack(root: string, file: string): void;
