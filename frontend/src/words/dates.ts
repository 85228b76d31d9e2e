import { language } from '../language.svelte';

// Not Intl's: that takes long to start on an old phone, and Japan has one time all year.
const japan = 9 * 3600_000;
const weekdays = {
  ja: Array.from('日月火水木金土'),
  en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
};
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** A moment in Japan time, as the letters state it, whatever the device's own time zone is. */
export function moment(rfc3339: string): string {
  const at = new Date(Date.parse(rfc3339) + japan);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const weekday = weekdays[language.now][at.getUTCDay()] ?? '';
  const time = hoursAndMinutes(at.getUTCHours(), at.getUTCMinutes());
  return language.now === 'ja'
    ? `${year}年${month + 1}月${day}日（${weekday}）${time}`
    : `${weekday}, ${day} ${months[month] ?? ''} ${year}, ${time}`;
}

/** What the clock beside the member shows at a moment: the device's own, in hours and minutes. */
export function clock(at: number): string {
  const here = new Date(at);
  return hoursAndMinutes(here.getHours(), here.getMinutes());
}

function hoursAndMinutes(...parts: number[]): string {
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
