/** The keepers, which are elements that keep replaced nodes of the app, each with the translation that is shown in place of them. */
const translations = new WeakMap<Node, ChildNode>();

/**
 * Makes changes visible on a page that the browser translates. A translator replaces nodes of the app, each text by a `font`
 * element or all that an element contains by one text, so the app would change nodes that are not shown any more. These nodes
 * are kept together in a keeper. As soon as the app changes one of them, all are put back, and the browser translates them again.
 */
export function showChangesThoughTranslated(): void {
  const observer = new MutationObserver((records) => {
    for (const record of records) {
      putBack(record.target);
      observer.takeRecords(); // drops the records of this function's own changes
      keepReplaced(record, observer);
    }
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** Keeps the removed nodes if others have replaced them. The app itself never removes and adds nodes in one step. */
function keepReplaced(record: MutationRecord, observer: MutationObserver): void {
  const siblings = [record.previousSibling, record.nextSibling];
  const shown = record.addedNodes[0] ?? siblings.find((node) => node?.nodeName === 'FONT');
  const kept = [...record.removedNodes].filter((node) => !node.parentNode);
  if (!shown || !kept[0]) return;
  const keeper = document.createElement('p');
  keeper.append(...kept);
  translations.set(keeper, shown as ChildNode);
  observer.observe(keeper, { characterData: true, childList: true, subtree: true });
}

/** Puts the kept nodes that a node belongs to, if any, back in place of what is shown. */
function putBack(node: Node): void {
  const keeper = node.getRootNode();
  const shown = translations.get(keeper);
  if (!shown || !keeper.firstChild) return;
  translations.delete(keeper);
  putBack(shown); // if another translation has replaced this one
  shown.replaceWith(...keeper.childNodes);
}
