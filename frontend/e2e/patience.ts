/** How long, in milliseconds, the tests wait for an event before they fail. Only a crowded machine needs seconds of it. */
export const patience = 60_000;
