/** The place to drop a file: shows what was chosen, and takes what is dragged over it. */
export function startDrop(): void {
  const zone = document.getElementById('drop');
  const input = zone?.querySelector<HTMLInputElement>('input[type="file"]');
  if (!zone || !input) return;
  const label = zone.querySelector<HTMLElement>('[data-file]');
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (label && file) label.textContent = file.name;
  });
  for (const name of ['dragenter', 'dragover']) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add('over');
    });
  }
  for (const name of ['dragleave', 'drop']) zone.addEventListener(name, () => zone.classList.remove('over'));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event('change'));
    }
  });
}
