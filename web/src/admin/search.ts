/** What an address says, without some of it. */
export function without<Search extends object>(search: Search, ...names: (keyof Search)[]): Search {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !(names as string[]).includes(name))) as Search;
}
