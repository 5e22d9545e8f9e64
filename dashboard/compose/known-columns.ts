/** The columns that sites of this hub have, to choose from. */
import { api } from '../api';
import { useCatalogue } from '../stores/catalogue';

/** Of the first accounts of every channel whose accounts have columns. @throws ApiError */
export async function knownColumns(): Promise<string[]> {
  const catalogue = useCatalogue();
  await catalogue.load();
  const withColumns = catalogue.channels.filter(
    ({ settings }) =>
      typeof settings['properties'] === 'object' &&
      settings['properties'] !== null &&
      'columns' in settings['properties'],
  );
  const pages = await Promise.all(withColumns.map(({ name }) => api.accounts({ channel: name })));
  return [...new Set(pages.flatMap(({ items }) => items.flatMap(({ settings }) => namesOf(settings['columns']))))];
}

function namesOf(columns: unknown): string[] {
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column: unknown) =>
    typeof column === 'object' && column !== null && 'name' in column && typeof column.name === 'string'
      ? [column.name]
      : [],
  );
}
