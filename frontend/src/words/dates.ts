import { language } from '../language.svelte';

// Without Intl, which takes long to start on an old phone. Japan has no daylight saving time.
const japanOffset = 9 * 3600_000;
const weekdays = {
  ja: Array.from('日月火水木金土'),
  en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
};
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** The date and time in Japan, in the letters' form, whatever the device's time zone is. */
export function japanTime(rfc3339: string): string {
  const at = new Date(Date.parse(rfc3339) + japanOffset);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const weekday = weekdays[language.now][at.getUTCDay()] ?? '';
  const time = hoursAndMinutes(at.getUTCHours(), at.getUTCMinutes());
  return language.now === 'ja'
    ? `${year}年${month + 1}月${day}日（${weekday}）${time}`
    : `${weekday}, ${day} ${months[month] ?? ''} ${year}, ${time}`;
}

/** The hours and minutes in the device's time zone. */
export function localTime(at: number): string {
  const local = new Date(at);
  return hoursAndMinutes(local.getHours(), local.getMinutes());
}

function hoursAndMinutes(...parts: number[]): string {
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
