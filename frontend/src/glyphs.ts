/** Two different characters look the same only when the machine has neither: then it draws an empty box for both. */
function lacksChinese(): boolean {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 24;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return false;
  context.font = '20px system-ui, sans-serif';
  const [first, second] = ['\u6f9c', '\u4e00'].map((text) => {
    context.clearRect(0, 0, 24, 24);
    context.fillText(text, 1, 20);
    return context.getImageData(0, 0, 24, 24).data.join();
  });
  return first === second;
}

const missing = lacksChinese();

/** Bring a Chinese font of our own where there is none. Resolves when the characters of `sample` may be drawn. */
export async function ensureGlyphs(sample = '\u5b89\u6f9c'): Promise<void> {
  if (!missing) return;
  await import('../css/noto.css');
  document.documentElement.dataset['glyphs'] = 'own'; // a new list of fonts: every word is set anew
  await document.fonts.load("16px 'Noto Sans SC Variable'", sample);
}
