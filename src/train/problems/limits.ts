/** Characters of a formula. */
export const LONGEST_FORMULA = 400;
