import { language } from '../language.svelte';

/** A moment in Japan time, as the letters state it, whatever the device's own time zone is. */
export function moment(rfc3339: string): string {
  return new Intl.DateTimeFormat(language.now === 'ja' ? 'ja-JP' : 'en-GB', {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone: 'Asia/Tokyo',
  }).format(new Date(rfc3339));
}
