// How much somebody clicks and types.

/** Counts what is done on the pages of a browser from now on: a click for each control that is used, a key for each letter. */
export function counted(page) {
  const effort = { clicks: 0, keys: 0 };
  const locator = Object.getPrototypeOf(page.locator('body'));
  const wrap = (name, note) => {
    const original = locator[name];
    locator[name] = function (...given) {
      note(...given);
      return original.apply(this, given);
    };
  };
  for (const name of ['click', 'check', 'uncheck', 'selectOption', 'setInputFiles']) wrap(name, () => (effort.clicks += 1));
  const typed = (text) => {
    effort.clicks += 1;
    effort.keys += String(text).length;
  };
  wrap('fill', typed);
  wrap('pressSequentially', typed);
  return effort;
}
