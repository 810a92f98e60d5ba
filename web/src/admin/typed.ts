/** Whether something was typed on the page that would be lost with it: since it was opened, or since the last save. */
let typed = false;

const OF_TEXT = "textarea, input:not([type=checkbox], [type=radio], [type=search], [type=button])";

export function watchTyping(): void {
  document.addEventListener("input", ({ target }) => {
    if (target instanceof Element && target.matches(OF_TEXT)) typed = true;
  });
}

export function forgetTyping(): void {
  typed = false;
}

export function isTyped(): boolean {
  return typed;
}
