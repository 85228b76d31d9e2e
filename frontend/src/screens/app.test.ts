import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { language } from '../language.svelte';
import { open } from '../test/open';

test('an address without a page says so', async () => {
  await open('/nowhere');
  expect(await screen.findByRole('heading', { name: '画面が見つかりません' })).toBeInTheDocument();
});

test('every page has the help desk, the announcement, and a banner in the demo', async () => {
  await open('/', { site: { demo: true, announcement: { ja: '点検があります', en: 'Maintenance' } } });
  const desk = screen.getByRole('complementary', { name: 'お困りのときは' });
  expect(desk).toHaveTextContent('9:00〜18:00');
  for (const name of ['0120-000-000', 'help@ims.example', 'ims.example/help']) {
    expect(within(desk).getByRole('link', { name })).toHaveAttribute('translate', 'no');
  }
  expect(screen.getByRole('region', { name: 'お知らせ' })).toHaveTextContent('点検があります');
  expect(screen.getByRole('link', { name: /体験用のメールボックス/ })).toHaveAttribute(
    'href',
    '/demo/mailbox',
  );
  expect(screen.getByText('© IMS')).toBeInTheDocument();
});

test('the name of the language switch is in the language of the page', async () => {
  await open('/');
  expect(screen.getByRole('group', { name: '言語' })).toBeVisible();
  language.now = 'en';
  expect(await screen.findByRole('group', { name: 'Language' })).toBeVisible();
});
