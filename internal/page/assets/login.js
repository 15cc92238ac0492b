// The cookie is given for the token; what comes after # in the address stays, so a link leads to its view.
const form = document.getElementById('login');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/login', { method: 'POST', body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  if (answer?.ok) {
    location.reload();
    return;
  }
  const said = answer ? (await answer.json().catch(() => ({}))).error : 'the server does not answer';
  document.getElementById('answer').textContent = said ?? 'that did not work';
});
