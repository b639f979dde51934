/**
 * Everything that belongs to one run: its process and every descendant, however far it went.
 *
 * Held by a control group where one can be written (`cgroup`): the kernel knows the members, ends them at once and tells
 * when the last has gone. Else by what processes cannot easily shed (`session`): session, group, parent and a variable in
 * their environment (`tree-scan.ts`); then ending means signalling one by one, until a look finds nobody new.
 *
 * The order of calls for a run: `plant`, then the spawn whose inner shell writes `0` to `cgroup.procs` of each folder of
 * `place` and whose environment has `ROUSE_INSTANCE=<instance>`, then `know`; at the end `kill` as often as need be,
 * `watch`, and when it is empty `remove`.
 */
import type { HeldBy } from '../model/held.ts';
import type { Ending } from '../model/reason.ts';
import type { ResourceLimits, ServiceName } from '../model/spec.ts';
import type { Delivery, Identity } from './process-group.ts';

/** A run whose processes are to be held together. `instance` names it for ever and is the value of its cookie. */
export interface TreeOrder {
  readonly service: ServiceName;
  readonly run: number;
  readonly instance: string;
  readonly limits: ResourceLimits;
}

/** Who is who. The shim is the parent of `main`, may share its session and group, and is no member: it is never killed. */
export interface Leaders {
  readonly main: Identity | null;
  readonly shim: Identity | null;
  /** Members that stand around `main` and die of signals that are meant for it; they get SIGKILL alone. */
  readonly keepers?: readonly Identity[];
}

/** A process of a tree, for words. `waits` = what it waits for in the kernel (wchan), or null. */
export interface Member {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly waits: string | null;
}

/** The processes of one run. No method throws for a fault of the world; ended ones that nobody reaps are not members. */
export interface Tree {
  /** Folders into whose `cgroup.procs` the process that becomes the service writes `0`; empty = nowhere. Absolute. */
  readonly place: readonly string[];
  /** How it is held now: a tree whose main process turns out not to be in its control group falls back to `session`. */
  held(): HeldBy;
  /** Tells who leads it, once the main process has been placed; again when it changes (MAINPID). */
  know(leaders: Leaders): void;
  /** Says that its process could not be placed in its control group; its own signs count from then on. */
  fallBack(why: string): void;
  /**
   * Whether it is certain that nothing of it executes. Without a group that takes a look at the whole machine, and
   * while others come and go several: false is no proof that somebody lives.
   */
  isEmpty(): boolean;
  /** Who is in it, lowest id first. */
  members(): readonly Member[];
  /** A signal to the main process or to every member; each gets it once. `gone` when there was nobody. */
  signal(name: NodeJS.Signals, scope: 'main' | 'tree'): Delivery;
  /** As `signal`, and SIGCONT after it: a stopped process would never see the signal. */
  ask(name: NodeJS.Signals, scope: 'main' | 'tree'): Delivery;
  /**
   * SIGKILL to every member. Without a group, one that was forked meanwhile may be missed: it is to be called again until
   * the tree is empty (`killTree`), and then does not stop before nobody new is found, for a bounded number of rounds.
   */
  kill(): void;
  /** Calls `empty` once, as soon as nothing of it executes, unless disposed before; never before it has returned. */
  watch(empty: () => void): Disposable;
  /** The ending, with `memory` as its cause where the kernel ended the process for want of memory. */
  causeOf(ending: Ending): Ending;
  /** Lets go of what holds it, some time later. Only an empty tree can be removed; one that is not stays for longer. */
  remove(): void;
}

/** What is left after a kill: which processes, and what they are doing, in words. Shapes: `pids` ascending, not empty. */
export interface Lingering {
  readonly pids: readonly number[];
  readonly text: string;
}

/** Everything that one command has started, wherever it went. It is no part of the run that the command is about. */
export interface CommandTree {
  readonly cookie: string;
  /** To be in the environment of the command. */
  readonly environment: Readonly<Record<string, string>>;
  know(main: Identity): void;
  /** A signal to all of it, and SIGCONT. */
  ask(name: NodeJS.Signals): void;
  isEmpty(): boolean;
  /** SIGKILL to all of it; resolves when nothing is left, or with what is still there after some seconds. */
  end(): Promise<Lingering | null>;
  /** Resolves when nothing of it is left; perhaps never. */
  gone(): Promise<void>;
}

/** The trees of one supervisor. */
export interface Trees {
  /**
   * A tree for a run that is about to be spawned. Never fails: what cannot be had is said by `held`.
   * `reserved`: the group in which its process is already; it must have no limits then.
   */
  plant(order: TreeOrder, reserved?: string): Tree;
  /** A control group of version 2 for a run that is not known yet, by a name never used before; null where there is none. */
  reserve(name: string): string | null;
  /** Kills who is in a reserved group, and removes it some time later. */
  dismiss(reserved: string): void;
  /** The tree that an earlier daemon planted: `place` as it was noted then; null = where it would be by its name. */
  adopt(order: TreeOrder, place: readonly string[] | null): Tree;
  /** A tree for a command that is about to be spawned for the run. */
  ofCommand(service: ServiceName, run: number): CommandTree;
  /** Removes at once what was to be removed later. */
  tidy(): void;
  /** How the run is held; null for a run without a tree. */
  heldBy(service: ServiceName, run: number): HeldBy | null;
}
