/** Text as every store, platform and document format can hold it. */

/** What no text means to hold and XML forbids: control characters, halves of surrogate pairs, byte order marks, U+FFFE and U+FFFF. */
const unholdable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ufffe\uffff]|\p{Surrogate}/gu;

/** Without what no text means to hold, line ends as `\n`. */
export function holdable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(unholdable, '');
}

/** Holdable, and in one Unicode form. */
export function tidyText(text: string): string {
  return holdable(text).normalize('NFC');
}
