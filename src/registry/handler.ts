/** Answers a web-standard request. */
export type Handler = (request: Request) => Response | Promise<Response>;
