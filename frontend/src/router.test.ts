import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carried, go, placeOf, router, startRouter } from './router.svelte';

const id = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

test.each([
  ['/', { screen: 'login' }],
  ['/recover', { screen: 'recover' }],
  ['/recover/', { screen: 'recover' }],
  [`/recover/${id}`, { screen: 'temporary_password', id }],
  [`/recover/${id}/`, { screen: 'temporary_password', id }],
  [`/recover/${id}/password`, { screen: 'new_password', id }],
  ['/recover/done', { screen: 'done' }],
  ['/member', { screen: 'member' }],
  ['/disavow', { screen: 'disavow' }],
  ['/nowhere', { screen: 'not_found' }],
  [`/recover/${id.toLowerCase()}`, { screen: 'not_found' }],
  [`/recover/${id}A`, { screen: 'not_found' }],
  [`/recover/${id}/password/more`, { screen: 'not_found' }],
  ['/demo/mailbox', { screen: 'not_found' }],
])('%s is read as a place', (path, place) => {
  expect(placeOf(path)).toEqual(place);
});

describe('links and history', () => {
  let stop: () => void;

  beforeEach(() => {
    history.replaceState(null, '', '/');
    stop = startRouter();
  });

  afterEach(() => {
    stop();
    document.body.replaceChildren();
  });

  /** Clicks a link, and returns whether the app follows it. */
  function click(href: string, init: MouseEventInit = {}, target = ''): boolean {
    const link = Object.assign(document.createElement('a'), { href, target, textContent: 'link' });
    document.body.append(link);
    let followed = false;
    // Runs after the router's own listener. A link that the router did not handle would be followed by the browser.
    const last = (event: Event) => {
      followed = event.defaultPrevented;
      event.preventDefault();
    };
    addEventListener('click', last, { once: true });
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }));
    return followed;
  }

  test('the app follows a plain click on its link without a page load', () => {
    expect(click('/recover')).toBe(true);
    expect(router.place).toEqual({ screen: 'recover' });
    expect(location.pathname).toBe('/recover');
  });

  test.each([
    ['with the control key', '/recover', { ctrlKey: true }, ''],
    ['with the command key', '/recover', { metaKey: true }, ''],
    ['with the shift key', '/recover', { shiftKey: true }, ''],
    ['with the middle button', '/recover', { button: 1 }, ''],
    ['for a new tab', '/recover', {}, '_blank'],
    ['to the demo mailbox', '/demo/mailbox', {}, ''],
    ['to another site', 'https://ims.example/recover', {}, ''],
  ])('the browser follows a click %s', (_, href, init, target) => {
    expect(click(href, init, target)).toBe(false);
    expect(location.pathname).toBe('/');
  });

  test('what a history entry carries stays with the entry and is not in the address', () => {
    go('/recover/done', { carry: { loginId: 'abcd' } });
    expect(carried()).toEqual({ loginId: 'abcd' });
    expect(location.href).not.toContain('abcd');
    go('/');
    expect(carried()).toEqual({});
  });

  test('replacing adds no entry to the history', () => {
    const before = history.length;
    go('/recover', { replace: true });
    expect(history.length).toBe(before);
    go('/member');
    expect(history.length).toBe(before + 1);
  });
});
