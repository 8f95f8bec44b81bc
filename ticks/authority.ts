/**
 * What hands out ticks: a file on this machine, a daemon's socket, or a cluster.
 *
 * @module
 */

/** A tick and the time that it carries. */
export interface StampedTick {
  /** u64, from 1. */
  readonly tick: bigint;
  /** Unix time in ns; never less than that of an earlier stamp of the same authority. */
  readonly utcNs: bigint;
}

/**
 * The one place that a sequence of ticks comes from. No tick is ever handed out twice, whoever asks and whatever
 * crashes in between; a tick that was reserved and never handed out is lost, so the sequence may have gaps.
 */
export interface TickAuthority extends AsyncDisposable {
  /** As a user would name it: `file:/var/lib/chronos`, `unix:/run/chronos/chronos.sock`, `etcd://host:2379/name`. */
  readonly name: string;
  /** The highest tick that is reserved durably now; absent where nothing is reserved ahead. */
  readonly reserved?: bigint;
  /** The highest tick handed out so far; 0n before the first. */
  current(): Promise<bigint>;
  /** Hands out `count` consecutive ticks, 1 unless told, and returns the first of them. */
  next(count?: number): Promise<bigint>;
  /**
   * Hands out one tick together with a time: the given one, or the last stamp's where that is later. Stamps are
   * serialised over all who share the authority, so a higher tick never carries a lower time.
   */
  nextStamped(utcNs: bigint): Promise<StampedTick>;
}
