// Times of messages, in UTC. A ts is seconds since 1970 with six decimals.

const zone = { timeZone: "UTC" };
const CLOCK = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", {
  ...zone, weekday: "long", day: "numeric", month: "long", year: "numeric",
});
const SECOND = new Intl.DateTimeFormat("en-GB", {
  ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit",
});

const date = (ts) => new Date(Number(ts) * 1000);

/** "02:14" */
export const clock = (ts) => CLOCK.format(date(ts));

/** "Sunday 1 March 2026" */
export const day = (ts) => DAY.format(date(ts)).replace(",", "");

/** "Sunday 1 March 2026, 02:14:11 UTC" */
export const full = (ts) => `${day(ts)}, ${SECOND.format(date(ts))} UTC`;
