// What may not lie in the published package: paths of the machine that built it, source maps, tests, keys and credentials.

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/[#@] sourceMappingURL=/, 'refers to a source map'],
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/]{20}/, 'holds a private key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'holds a credential of a registry'],
  [/\bgh[pousr]_[A-Za-z0-9]{36}\b/, 'holds a credential of a forge'],
  [/\bAKIA[0-9A-Z]{16}\b/, 'holds a credential of a cloud'],
  [/\brse_[A-Za-z0-9_-]{43}\b/, 'holds a token of Rouse'],
];
const STRANGE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\.map$/, 'is a source map'],
  [/(?:^|\/)(?:test|tests|__tests__|fixtures)\/|\.(?:test|spec)\.[cm]?[jt]s$/, 'is a test'],
  [/(?:^|\/)\.(?!$)/, 'is a hidden file'],
  [/\.(?:pem|key|p12|pfx|env)$/, 'has the name of a secret'],
];

/**
 * What is wrong with a package, one line each. `files` are texts by path in the package; `places` are folders of the
 * machine that built it, none of which may stand in a text.
 */
export function contentFaults(files: Readonly<Record<string, string>>, places: readonly string[]): string[] {
  return Object.entries(files).flatMap(([path, text]) => [
    ...STRANGE_NAMES.filter(([pattern]) => pattern.test(path)).map(([, why]) => `${path} ${why}`),
    ...PATTERNS.filter(([pattern]) => pattern.test(text)).map(([, why]) => `${path} ${why}`),
    ...places.filter((place) => text.includes(place)).map((place) => `${path} names the folder "${place}"`),
  ]);
}
