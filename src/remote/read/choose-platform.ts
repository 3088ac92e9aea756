import { type Descriptor, type Platform, platformSatisfies } from "../../v1/index.js";

/** What an image is chosen for where nobody says, and what one runs on of which nobody says so. */
export const DEFAULT_PLATFORM: Platform = { architecture: "amd64", os: "linux" };

/** The first of the descriptors that is for the platform; one without a platform is for linux/amd64. */
export function choosePlatform(
  descriptors: readonly Descriptor[],
  platform: Platform,
): Descriptor | undefined {
  return descriptors.find((each) => platformSatisfies(each.platform ?? DEFAULT_PLATFORM, platform));
}
