/** How long the tests wait for an event before they fail, in milliseconds. Only a busy machine needs seconds of it. */
export const patience = 60_000;
