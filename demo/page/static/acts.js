// What a person does goes to the server as a POST of JSON.

const UNREACHED = { ok: false, error: "The workspace cannot be reached." };

async function post(address, row) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(row),
    });
    return await answer.json();
  } catch {
    return UNREACHED;
  }
}

/** Do something as a person; gives {ok, error} and, of what the app must answer, {outcome}. */
export const act = (name, row) => post(`/page/acts/${name}`, row);

/** Begin a story. */
export const play = (key) => post(`/page/stories/${encodeURIComponent(key)}`, {});

/** Say what went wrong with an act, or nothing. */
export function trouble(answer) {
  if (!answer.ok) return answer.error;
  if (answer.outcome && answer.outcome !== "acknowledged")
    return `stuncheck did not respond (${answer.outcome}).`;
  return answer.complaint ? `stuncheck answered with something unusable: ${answer.complaint}` : "";
}
