/** The elements that a translating browser shows in place of text nodes of the app. */
const translations = new WeakMap<Node, ChildNode>();

/**
 * Makes changes visible on a page that the browser translates. Chrome's translator replaces each text node with a `font`
 * element, so the app would change a node that is not shown any more. A text node that changes is put back, and the browser
 * translates it again.
 */
export function showChangesThoughTranslated(): void {
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes, removedNodes, previousSibling } of records) {
      translations.get(target)?.replaceWith(target);
      const shown = [...addedNodes, previousSibling].find((node) => node?.nodeName === 'FONT');
      for (const removed of removedNodes) {
        if (!shown || !(removed instanceof Text)) continue;
        translations.set(removed, shown as ChildNode);
        observer.observe(removed, { characterData: true });
      }
    }
  });
  observer.observe(document, { childList: true, subtree: true });
}
