/** What is compared of two texts, in the order in which it is told. */
export const comparedFields = [
  'title',
  'summary',
  'kind',
  'change',
  'language',
  'source',
  'author',
  'columns',
  'keywords',
  'cover',
  'pictures',
  'attachments',
  'policy',
  'emergency',
  'template',
  'interprets',
  'interpretations',
  'body',
] as const;
export type ComparedField = (typeof comparedFields)[number];
