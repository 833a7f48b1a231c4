// The two ways to the server: what is shown now, and one act at a time. Nothing else is ever asked for.

export async function state(phone, tag, signal) {
  const answer = await fetch(`state?phone=${phone}&tag=${tag}`, { signal });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
}

export async function act(phone, kind, more = {}) {
  const answer = await fetch("act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ phone, do: kind, ...more }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

export async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
