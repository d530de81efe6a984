/** A program to run as root: all that a back end has to say to the kernel. Never through a shell. */
export interface KernelCommand {
  readonly program: string;
  /** Other names of the program, tried in turn where it is not installed. */
  readonly alternatives?: readonly string[];
  readonly args: readonly string[];
  readonly input?: string;
}
