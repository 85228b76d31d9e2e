import { language, type Language } from '../language.svelte';

// Making one takes a hundred times as long as using it, and the member page shows dozens of moments.
const formats: Partial<Record<Language, Intl.DateTimeFormat>> = {};

function formatOf(spoken: Language): Intl.DateTimeFormat {
  return (formats[spoken] ??= new Intl.DateTimeFormat(spoken === 'ja' ? 'ja-JP' : 'en-GB', {
    year: 'numeric',
    month: spoken === 'ja' ? 'numeric' : 'long',
    day: 'numeric',
    weekday: spoken === 'ja' ? 'short' : 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'Asia/Tokyo',
  }));
}

/** A moment in Japan time, as the letters state it, whatever the device's own time zone is. */
export function moment(rfc3339: string): string {
  const parts = formatOf(language.now).formatToParts(new Date(rfc3339));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  const [year, month, day, weekday] = [of('year'), of('month'), of('day'), of('weekday')];
  const time = `${of('hour')}:${of('minute')}`;
  return language.now === 'ja'
    ? `${year}年${month}月${day}日（${weekday}）${time}`
    : `${weekday}, ${day} ${month} ${year}, ${time}`;
}

/** What the clock beside the member shows at a moment: the device's own, in hours and minutes. */
export function clock(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    at,
  );
}
