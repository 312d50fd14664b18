/** A form with one file, as a browser sends it. */
export function formOf(content: Uint8Array, name = 'me.png', type = 'image/png', field = 'file'): FormData {
  const form = new FormData();
  form.append(field, new Blob([content], { type }), name);
  return form;
}
