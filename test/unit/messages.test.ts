import { expect, test } from 'vitest';
import { renderMessages } from '../support/messages.ts';
import { repositoryPath } from '../support/repository.ts';

test('the reference lists the messages of the source', async () => {
  const page = renderMessages();
  // A few that must be found: the extraction reads calls, objects and templates.
  for (const known of ['invalid forward "…"', "guestgate's accept rule is not first", 'no running guest …'])
    expect(page).toContain(known);
  await expect(page).toMatchFileSnapshot(repositoryPath('docs/reference/messages.md'));
}, 60_000);
