/** The version in package.json. */
export const VERSION: string = "0.1.0";
