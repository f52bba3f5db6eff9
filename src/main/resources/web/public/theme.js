// The theme that was chosen, before the first paint: the bundle comes too late for that. See app/frame/theme.ts.
try {
  const theme = localStorage.getItem('latchkey.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.setAttribute('data-theme', theme);
  }
} catch {
  // Storage can be forbidden, inside a frame for one.
}
