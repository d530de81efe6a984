export function withoutEnvironment(data: Buffer, runtime: number): string[];
