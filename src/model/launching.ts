/** Running a command as a service would be run: where and with what, for whoever runs it himself. */

/** What to run. `command` null = the service's own; `more` = arguments added to it. */
export interface LaunchOrder {
  readonly command: readonly string[] | null;
  readonly more: readonly string[];
}

/** What is handed to the operating system. `file` and `cwd` are absolute; `env` is the whole environment. */
export interface Launching {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}
