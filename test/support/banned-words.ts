/** Words that no reader of other projects' documents meets, that hide who acts, or that were names once. */
export const bannedWords: readonly RegExp[] = [
  /\b(?:nobody|somebody|whoever|whomever|everybody|anybody)\b/i,
  /\bwhat of\b/i,
  /\b(?:is|are|was|were|be|been|being) (?:told|said)\b/i,
  /\banew\b/i,
  /\bat once\b/i,
  /\bas it should be\b/i,
  /\bby itself\b/i,
  /\b(?:comes?|came) to\b/i,
  /\b(?:goes|go|went) on\b/i,
  /\b(?:stands?|stood)\b/i,
  /\b(?:he|him|his)\b/i,
  /\bput an? end to\b/i,
  /\bof one's own\b/i,
  /\bis no (?:forward|network|port|rate|address|interface)\b/i,
  /\b(?:cards?|wish(?:es)?|anchors?|skeletons?|mend(?:s|ed|ing)?|finisher|entrances?)\b/i,
];

/** What is found of them, with a few words around each. */
export function bannedIn(text: string): string[] {
  const line = text.replaceAll(/\s+/g, ' ');
  return bannedWords.flatMap(({ source }) => line.match(new RegExp(`.{0,40}${source}.{0,40}`, 'gi')) ?? []);
}
