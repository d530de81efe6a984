// What any compiled program costs: it reads stdin, and ends.
import { readFileSync } from 'node:fs';

readFileSync(0);
