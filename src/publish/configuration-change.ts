import { ConfigurationChanged } from '../model/problem.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';

/** How many times a change is planned where an editor or another program writes the same text. */
const attempts = 20;

/**
 * Plans a change of the configuration and writes it, one guestgate command at a time. If another program changed the text
 * between the two, the change is planned again for the new text.
 *
 * @param plan reads and decides, and writes nothing
 * @param write throws ConfigurationChanged, and writes nothing, where the text is not the one that the plan is for
 * @returns the plan that is written
 */
export async function changeConfiguration<T>(
  plan: () => Promise<T>,
  write: (planned: T) => void,
): Promise<T> {
  return withConfigurationLock(async () => {
    for (let attempt = 1; ; attempt++) {
      const planned = await plan();
      try {
        write(planned);
        return planned;
      } catch (error) {
        if (!(error instanceof ConfigurationChanged) || attempt >= attempts) throw error;
      }
    }
  });
}
