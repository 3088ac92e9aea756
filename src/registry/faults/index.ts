export { cap, corruptAnswer, headers, type StatusOptions, status } from "./answer-effects.js";
export { cutAnswer, delay, dropConnection, loseAnswer } from "./connection-effects.js";
export { endSession, expireCredentials, forgetBody, loseBlob, staleRange } from "./upload-effects.js";
