/** Times and ages as they are shown: short for people, RFC 3339 for everything else. */
import { formatDuration } from '../../model/duration.ts';

/** RFC 3339 in UTC with milliseconds. Units: epoch ms. */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

/** The local time of day, `12:04:31`. Units: epoch ms. */
function timeOfDay(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** The local time of day with milliseconds, `12:04:31.120`. Units: epoch ms. */
export function preciseTimeOfDay(at: number): string {
  return `${timeOfDay(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

/** An age for people in one unit: `now`, `41s`, `4 min`, `3 h`, `12 d`. Units: ms; what lies ahead counts as now. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A moment for people: the age with `ago`, or `now`. Units: epoch ms. */
export function ago(at: number, now: number): string {
  const text = age(now - at);
  return text === 'now' ? text : `${text} ago`;
}

/** A measured time with one decimal, `0.6s`, from one minute on as a duration. Units: ms. */
export function took(ms: number): string {
  return ms < 60_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : formatDuration(ms);
}
