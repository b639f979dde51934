/**
 * Chance: the machine's, and the kind that can be told again from a number.
 *
 * The seeded source is sfc32 (C. Doty-Humphrey, PractRand), whose state is filled by splitmix32 steps from the two
 * halves of the seed. Identifiers come from a stream of their own, so that asking for one never changes what is drawn next.
 */
import assert from 'node:assert/strict';
import { getRandomValues } from 'node:crypto';
import type { Random } from '../ports/random.ts';

/** Chance that repeats itself: equal seeds give equal draws and identifiers. */
export interface SeededRandom extends Random {
  /** A source of its own for a named part; depends on the seed and the name alone, not on what was drawn before. */
  fork(name: string): SeededRandom;
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const CHANCE_CHARACTERS = 16;
const TWO_32 = 2 ** 32;

/**
 * The machine's chance. Identifiers are ULIDs: 48 bits of epoch ms, then 80 bits of chance that count up inside one
 * millisecond, so that identifiers of one source sort in the order in which they were given.
 */
export function systemRandom(): Random {
  let lastAt = 0;
  let digits = new Uint8Array(CHANCE_CHARACTERS);
  const id = (): string => {
    const at = Date.now();
    if (at > lastAt) {
      lastAt = at;
      digits = getRandomValues(new Uint8Array(CHANCE_CHARACTERS)).map((byte) => byte & 31);
      // Room to count up without ever running over.
      digits[0] = (digits[0] ?? 0) & 15;
    } else countUp(digits);
    return encodeTime(lastAt) + Array.from(digits, (digit) => ALPHABET[digit]).join('');
  };
  return { draw: () => Math.random(), id };
}

/** So many bytes that nobody can guess, for credentials; the kernel's. Source: getrandom(2). */
export function secretBytes(count: number): Uint8Array {
  return getRandomValues(new Uint8Array(count));
}

/**
 * Chance that can be told again.
 * Units: `seed` is a whole number from 0 to 2^53 - 1. Identifiers look like those of `systemRandom` and sort in the
 * order in which they were given; their time part only counts.
 */
export function seededRandom(seed: number): SeededRandom {
  assert(Number.isSafeInteger(seed) && seed >= 0, 'a seed is a whole number, at least 0');
  const low = seed >>> 0;
  const high = Math.floor(seed / TWO_32) >>> 0;
  const next = sfc32(low, high);
  const nextForId = sfc32(low ^ 0x5bd1e995, high ^ 0x9e3779b9);
  let given = 0;
  return {
    draw: () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53,
    id: () => {
      given += 1;
      const digits = Array.from({ length: CHANCE_CHARACTERS }, () => ALPHABET[nextForId() >>> 27]);
      return encodeTime(given) + digits.join('');
    },
    fork: (name) => seededRandom(hash(name, low) + (hash(name, high ^ 0x2545f491) & 0x1fffff) * TWO_32),
  };
}

function countUp(digits: Uint8Array): void {
  for (let at = digits.length - 1; at >= 0; at -= 1) {
    const digit = (digits[at] ?? 0) + 1;
    digits[at] = digit & 31;
    if (digit < 32) return;
  }
}

function encodeTime(number: number): string {
  let text = '';
  for (let rest = number; text.length < TIME_CHARACTERS; rest = Math.floor(rest / 32))
    text = `${ALPHABET[rest % 32]}${text}`;
  return text;
}

/** A source of 32-bit numbers. */
function sfc32(low: number, high: number): () => number {
  const fill = splitmix32(low ^ Math.imul(high, 0x85ebca6b));
  let [a, b, c, counter] = [fill() ^ low, fill() ^ high, fill(), 1];
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  // The first numbers of like seeds are alike; the author advises to throw some away.
  for (let round = 0; round < 16; round += 1) next();
  return next;
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** FNV-1a over the UTF-16 units, begun at `basis`, then mixed once more. */
function hash(text: string, basis: number): number {
  let sum = basis ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return splitmix32(sum)();
}
