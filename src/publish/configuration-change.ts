import { refuseBeside, settlePending } from '../apply/confirm.ts';
import { ConfigurationChanged } from '../model/problem.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';

/** How many times guestgate plans a change while an editor or another program writes the same text. */
const attempts = 20;

/**
 * Plans a change of the configuration and writes it; other guestgate commands wait. If another program changes the text in
 * between, it plans again, for the new text.
 *
 * @param plan only reads
 * @param write throws ConfigurationChanged, and writes nothing, if the text differs from the one that was planned for
 * @returns the plan that was written
 * @throws UserError if another change waits for its confirmation
 */
export async function changeConfiguration<T>(
  plan: () => Promise<T>,
  write: (planned: T) => void,
): Promise<T> {
  await settlePending();
  return withConfigurationLock(async () => {
    refuseBeside();
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
