/** The longest that a timer can wait, in milliseconds: a signed 32-bit number, some 25 days. One that is to wait longer goes off at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;
