// Before anything is drawn, so that nothing flashes: what the user chose here, else what the system says.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
} catch { /* storage is switched off: the system's it is */ }
