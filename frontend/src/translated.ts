/** A text node of the app, and what a translating browser shows in its place. */
const inPlaceOf = new WeakMap<Node, ChildNode>();

/**
 * Lets a page change that the browser translates. Chrome's translator replaces each text node with a `font`
 * element, so the app would change a node that is no longer shown. A text node that changes is put back, and the browser
 * translates it again.
 */
export function showChangesThoughTranslated(): void {
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes, removedNodes, previousSibling } of records) {
      inPlaceOf.get(target)?.replaceWith(target);
      const shown = [...addedNodes, previousSibling].find((node) => node?.nodeName === 'FONT');
      for (const removed of removedNodes) {
        if (!shown || !(removed instanceof Text)) continue;
        inPlaceOf.set(removed, shown as ChildNode);
        observer.observe(removed, { characterData: true });
      }
    }
  });
  observer.observe(document, { childList: true, subtree: true });
}
