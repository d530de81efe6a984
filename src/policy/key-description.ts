/** What the reference says about a key. The type of its value comes from the schema. */
export interface KeyDescription {
  /** As a person writes it; none where the key has no default. */
  readonly default?: string;
  readonly required?: true;
  /** Markdown: a code span for each literal. */
  readonly text: string;
  readonly example?: string;
}

/** Of each key of a table of the schema. */
export type Descriptions<Entries> = Readonly<Record<keyof Entries, KeyDescription>>;
