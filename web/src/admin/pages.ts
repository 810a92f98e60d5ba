interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

const MOST_PAGES = 10;

/** Read a list to its end, page by page: what is small enough to be shown as a whole. At most ten pages. */
export async function everything<Item>(read: (cursor: { cursor?: string }) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found: Page<Item> = await read(cursor === null ? {} : { cursor });
    items.push(...found.items);
    cursor = found.next_cursor;
    if (cursor === null) break;
  }
  return items;
}
