/** A text node of the app, and what a translating browser shows in its place. */
const inPlaceOf = new WeakMap<Node, ChildNode>();

/**
 * Lets a page change that the browser translates. Chrome's translator takes each text node out of the page and puts a
 * `font` element in its place; the app would go on changing a node that nobody sees. A text that changes is put back,
 * and the browser translates it anew.
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
