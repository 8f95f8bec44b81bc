/**
 * What is known of any oscillator that keeps time.
 *
 * @module
 */

/** None is off by more, s/s. */
export const MAX_FREQUENCY = 500e-6;
/** Random-walk level q of the frequency, s/s per √s: an ordinary crystal in a room, temperature included. */
export const RANDOM_WALK = 3e-9;
